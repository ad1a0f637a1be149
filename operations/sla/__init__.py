"""Service levels: the policy file, and the clocks it starts."""
