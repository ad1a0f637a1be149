"""Jira Service Management, against its simulator."""
