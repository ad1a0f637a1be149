"""Tests of what starts and composes."""
