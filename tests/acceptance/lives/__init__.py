"""What vendors live through: one file a vendor."""
