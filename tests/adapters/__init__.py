"""Vendors and notifiers, against their simulators."""
