"""Which changes were under way on a subject's services when an alert's level was reached."""

from typing import Final

from domain.records import ChangeStatus

# Nothing is done in these, whatever their windows say.
_IDLE: Final = (ChangeStatus.DRAFT, ChangeStatus.CANCELLED)


def changes_during(alerts: str) -> str:
    """Return what follows a FROM: changes ``r``, each once for an alert ``d.alert_id``.

    alerts: a condition on alerts ``a``. A change without an end is under way while it is said
    to be in progress. Cost: an alert's services, and the changes of these.
    """
    idle = ", ".join(f"'{status}'" for status in _IDLE)
    affected = " UNION ".join(
        f"""
        SELECT a.id, a.crossed_at, x.asset_id FROM alert a
        JOIN {table} x ON x.{column} = a.subject_id WHERE {alerts}
        """  # noqa: S608 — names and places
        for table, column in (("incident_asset", "incident_id"), ("ticket_asset", "ticket_id"))
    )
    return f"""
        (
            SELECT DISTINCT t.id AS alert_id, w.id AS change_id
            FROM ({affected}) AS t
            JOIN change_asset c ON c.asset_id = t.asset_id
            JOIN change w ON w.id = c.change_id
            WHERE w.deleted_at IS NULL AND w.status NOT IN ({idle}) AND w.starts_at <= t.crossed_at
                AND (
                    w.ends_at >= t.crossed_at
                    OR (w.ends_at IS NULL AND w.status = '{ChangeStatus.IN_PROGRESS}')
                )
        ) AS d JOIN change r ON r.id = d.change_id
    """  # noqa: S608 — names and places
