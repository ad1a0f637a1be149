"""Tests of the simulated PagerDuty account."""
