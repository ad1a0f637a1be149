"""Three simulated vendors with one story, in one process."""
