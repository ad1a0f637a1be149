"""Access in the graph."""
