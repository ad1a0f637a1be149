"""Service levels: what is measured, by which rules, and how far it is."""
