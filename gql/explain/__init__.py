"""Why fields have their values."""
