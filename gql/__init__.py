"""Watchpane: the graph."""
