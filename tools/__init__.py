"""Watchpane: tools of the checkout."""
