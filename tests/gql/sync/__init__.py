"""Sync in the graph."""
