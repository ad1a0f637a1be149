"""Services, in the graph."""
