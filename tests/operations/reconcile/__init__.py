"""Comparing both sides, and healing what differs."""
