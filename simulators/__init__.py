"""Watchpane: vendors to test against."""
