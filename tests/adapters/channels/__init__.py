"""Channels, against receivers that know nothing of them."""
