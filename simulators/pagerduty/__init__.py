"""A PagerDuty account that runs in this process."""
