"""A ServiceNow instance: Table API, OAuth, access rules and a replayed history."""
