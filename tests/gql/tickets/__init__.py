"""Tickets in the graph."""
