"""Bugs that the seeded lives must find: one file a vendor."""
