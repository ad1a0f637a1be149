"""Who asks, in the graph."""
