# The columns that a mirror imports and that change; not "active", "made_sla"
# and the two counters, which follow from others.
IMPORTED = (
    "contact_type",
    "location",
    "category",
    "subcategory",
    "u_symptom",
    "cmdb_ci",
    "impact",
    "urgency",
    "priority",
    "assignment_group",
    "assigned_to",
    "knowledge",
    "u_priority_confirmation",
    "notify",
    "problem_id",
    "rfc",
    "vendor",
    "caused_by",
    "caller_id",
    "incident_state",
)
