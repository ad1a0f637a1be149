"""Services in the graph."""
