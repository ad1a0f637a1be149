"""Reads, against both databases."""
