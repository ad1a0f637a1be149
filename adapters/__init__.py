"""Watchpane: vendors and notifiers."""
