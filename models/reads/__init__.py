"""One file a question, each a few statements that name their cost."""
