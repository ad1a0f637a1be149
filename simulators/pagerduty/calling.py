"""Who is called for an incident: assignments, escalation and notifications."""

from collections.abc import Sequence

from simulators.pagerduty.answers import invalid
from simulators.pagerduty.directory import Directory
from simulators.pagerduty.drafts import Draft
from simulators.pagerduty.names import stamp


class Calling:
    """Acts on drafts, with the users and policies of a directory."""

    def __init__(self, directory: Directory) -> None:
        """Find users and policies here."""
        self._directory = directory

    def by_policy(self, draft: Draft) -> None:
        """Assign whom the first level of the incident's policy names."""
        users = self._level(draft, 1)
        self._assign(draft, users, via="escalation_policy")
        for user in users:
            draft.log("assign", f"Assigned to {self._name(user)}.", assignees=[user])
        self._notify(draft, users)

    def to(self, draft: Draft, users: Sequence[str]) -> None:
        """Assign these users; such an incident escalates no further.

        Raises Refusal (400) for a user that does not exist.
        """
        self._assign(draft, users, via="direct_assignment")
        names = ", ".join(self._name(user) for user in users)
        draft.log("assign", f"Assigned to {names} {draft.agent.by}.", assignees=list(users))
        self._notify(draft, users)

    def reassign(self, draft: Draft, users: Sequence[str]) -> None:
        """Assign others than before, and tell; the same are no change."""
        if [given["assignee"] for given in draft.incident["assignments"]] != list(users):
            self.to(draft, users)
            draft.tell("reassigned")

    def escalate(self, draft: Draft, level: int) -> None:
        """Call the users of a level of the policy instead, counted from 1."""
        users = self._level(draft, level)
        self._assign(draft, users, via="escalation_policy")
        for user in users:
            draft.log(
                "escalate", f"Escalated to {self._name(user)} {draft.agent.by}.", assignees=[user]
            )
        draft.tell("escalated")
        self._notify(draft, users)

    def delegate(self, draft: Draft, policy: str) -> None:
        """Hand the incident to another policy; raise Refusal (404) for none."""
        found = self._directory.get("escalation_policy", policy)
        draft.incident["escalation_policy"] = policy
        draft.log("delegate", f"Delegated {found['name']} {draft.agent.by}.")
        self.by_policy(draft)
        draft.tell("delegated")

    def _level(self, draft: Draft, level: int) -> list[str]:
        policy = self._directory.get("escalation_policy", draft.incident["escalation_policy"])
        draft.incident |= {"escalation_level": level, "escalated_at": stamp(draft.at)}
        return self._directory.targets(policy, level)

    def _assign(self, draft: Draft, users: Sequence[str], *, via: str) -> None:
        at = stamp(draft.at)
        draft.incident["assignments"] = [{"at": at, "assignee": user} for user in users]
        draft.incident["assigned_via"] = via

    def _notify(self, draft: Draft, users: Sequence[str]) -> None:
        for user in users:
            notification = {"type": "email_notification", "status": "success"}
            draft.log(
                "notify",
                f"Notified {self._name(user)} by email.",
                channel={"type": "auto", "notification": notification},
                user=user,
            )

    def _name(self, user: str) -> str:
        found = self._directory.find("user", user)
        if found is None:
            raise invalid("Assignee not found")
        return str(found["name"])
