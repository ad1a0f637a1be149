"""Seeded histories of one field that people here and at its vendors edit, without any IO."""
