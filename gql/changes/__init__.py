"""Changes, in the graph."""
