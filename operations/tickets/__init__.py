"""Tickets: what is sent to us, and how they stood from when on."""
