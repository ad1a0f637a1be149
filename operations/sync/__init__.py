"""Pulling vendors, run by run and page by page."""
