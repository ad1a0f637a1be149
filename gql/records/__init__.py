"""Records of any kind, in the graph."""
