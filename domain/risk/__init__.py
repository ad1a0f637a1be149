"""What endangers what."""
