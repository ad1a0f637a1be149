"""Seeded lives of tickets, and the watch over their clocks."""
