"""Both sides in step: seeded schedules of edits here and there, webhooks, crashes and faults."""
