"""Watchpane: jobs."""
