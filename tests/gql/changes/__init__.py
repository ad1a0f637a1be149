"""Changes in the graph."""
