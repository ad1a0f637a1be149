"""Jira Service Management: issues of a Jira Cloud site."""
