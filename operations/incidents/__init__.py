"""What people do with incidents."""
