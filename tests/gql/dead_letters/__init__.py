"""Dead letters in the graph."""
