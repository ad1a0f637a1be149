"""Tests of the three vendors with one story."""
