"""Whole installations in real processes, used as people and programs use them."""
