"""How a mirrored field changes, and when to look again."""
