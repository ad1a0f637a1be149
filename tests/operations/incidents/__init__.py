"""What people do with incidents here."""
