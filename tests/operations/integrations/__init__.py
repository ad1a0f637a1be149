"""Setting up and looking after integrations."""
