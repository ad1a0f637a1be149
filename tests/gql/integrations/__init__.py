"""Integrations in the graph."""
