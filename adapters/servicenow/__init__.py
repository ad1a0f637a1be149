"""ServiceNow, over its Table API."""
