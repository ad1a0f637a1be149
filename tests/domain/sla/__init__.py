"""Service levels are decided as the rules say."""
