"""Watchpane: tables and reads."""
