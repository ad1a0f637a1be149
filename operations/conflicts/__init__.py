"""Conflicts between both sides, and what people say to them."""
