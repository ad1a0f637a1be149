"""Channels: the ways in which people are told of alerts, one file each."""
