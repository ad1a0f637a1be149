"""Comparing both sides, and bringing them together again."""
