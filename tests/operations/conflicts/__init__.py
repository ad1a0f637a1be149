"""Edits made here, on their way to the vendors."""
