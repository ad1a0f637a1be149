"""Pulling a vendor."""
