"""Tests of the simulated vendors."""
