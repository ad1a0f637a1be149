"""Tickets, in the graph."""
