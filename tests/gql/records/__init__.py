"""Records in the graph."""
