"""Incidents in the graph."""
