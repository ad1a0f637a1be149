"""Conflicts between both sides, in the graph."""
