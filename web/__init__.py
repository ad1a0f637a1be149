"""Watchpane: the HTTP doors."""
