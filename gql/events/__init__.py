"""Events, in the graph."""
