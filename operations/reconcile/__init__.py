"""Comparing both sides of an integration, and bringing them together again."""
