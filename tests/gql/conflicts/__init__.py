"""Conflicts in the graph."""
