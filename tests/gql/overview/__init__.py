"""Overview in the graph."""
