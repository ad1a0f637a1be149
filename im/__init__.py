"""Watchpane: starts, composes, command line."""
