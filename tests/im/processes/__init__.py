"""Tests of the processes of one machine."""
