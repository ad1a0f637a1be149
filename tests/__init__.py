"""Watchpane: tests."""
