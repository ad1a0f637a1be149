"""Tickets that are sent, and the steps of those that are mirrored."""
