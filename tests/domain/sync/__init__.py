"""Sync decisions."""
