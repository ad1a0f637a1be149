"""Watchpane: policy data."""
