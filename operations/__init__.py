"""Watchpane: use cases."""
