"""Explanations in the graph."""
