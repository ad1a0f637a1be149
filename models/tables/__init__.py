"""What is stored: one class a table, each ending in Row."""
