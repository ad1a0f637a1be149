"""The policy file, as bytes."""
