"""The event log: entries and cursors."""
