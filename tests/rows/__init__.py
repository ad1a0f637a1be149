"""Rows of the tables, as tests want them."""
