"""The pane's counts, in the graph."""
