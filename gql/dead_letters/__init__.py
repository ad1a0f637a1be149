"""Deliveries that failed for good, in the graph."""
