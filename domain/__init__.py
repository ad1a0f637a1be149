"""Watchpane: decisions."""
