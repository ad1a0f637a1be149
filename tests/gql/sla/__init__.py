"""Service levels in the graph."""
