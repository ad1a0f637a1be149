"""Event Management: the rule that makes alerts out of events."""

from typing import Final

from simulators.servicenow.records import Records, Written

_CLEAR: Final = "0"
_COPIED: Final = (
    "additional_info",
    "cmdb_ci",
    "description",
    "event_class",
    "metric_name",
    "node",
    "resource",
    "severity",
    "source",
    "type",
)
# What tells one alert from another where a source sends no key.
_KEY: Final = ("source", "node", "type", "resource", "metric_name")
_BY: Final = "system"


class Monitoring:
    """Processes each new event: it raises an alert, repeats it, or ends it."""

    def __init__(self, records: Records) -> None:
        """Write alerts through these records."""
        self._records = records

    def heard(self, written: Written) -> None:
        """Process an event that was just created; all else is not its business.

        Events of one ``message_key`` belong to one alert. Severity 0 closes it,
        and what comes later opens it again; without an alert it means nothing.
        """
        if (written.table, written.event) != ("em_event", "created"):
            return
        event = written.row
        key = event["message_key"] or "_".join(event[name] for name in _KEY)
        at = event["time_of_event"] or event["sys_created_on"]
        told = {name: event[name] for name in _COPIED} | {"last_event_time": at}
        alert = self._records.store.one("em_alert", "message_key", key)
        is_clear = event["severity"] == _CLEAR
        if alert is not None:
            told["event_count"] = str(int(alert["event_count"]) + 1)
            if is_clear:
                told["state"] = "Closed"
            elif alert["state"] == "Closed":
                told["state"] = "Reopen"
            self._records.edit("em_alert", alert, told, by=_BY)
        elif not is_clear:
            told |= {"message_key": key, "initial_event_generation_time": at}
            alert = self._records.create("em_alert", told, by=_BY)
        done = {"state": "Processed", "message_key": key, "time_of_event": at}
        done["alert"] = alert["sys_id"] if alert else ""
        self._records.edit("em_event", event, done, by=_BY)
