"""Sync runs and freshness, in the graph."""
