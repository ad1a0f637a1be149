"""The people of a site."""

import uuid
from typing import Any, Final

from simulators.jira.listing import Document
from simulators.jira.store import Store

_NAMESPACE: Final = uuid.UUID("0f6c9f0e-54a1-4e39-9a56-3e2b3f9a7d10")
_KIND: Final = "person"
# Reserved by RFC 2606: nobody reads mail there.
_MAIL: Final = "example.com"


class People:
    """Finds people, and makes them on first sight."""

    def __init__(self, store: Store) -> None:
        """Remember people in the store, across starts."""
        self._store = store
        self._people = store.kept(_KIND)

    def person(self, name: str) -> str:
        """Return the account id of a person, made when unknown.

        name: an account id, an e-mail address, or a name such as "ann.lee".
        """
        known = self.find(name)
        if known is not None:
            return known
        email = name if "@" in name else f"{name}@{_MAIL}"
        account = uuid.uuid5(_NAMESPACE, email.lower()).hex[:24]
        person: Document = {
            "accountId": account,
            "accountType": "atlassian",
            "active": True,
            "displayName": email.partition("@")[0].replace(".", " ").title(),
            "emailAddress": email,
        }
        self._people[account] = person
        self._store.keep(_KIND, account, person)
        return account

    def find(self, name: str) -> str | None:
        """Return the account id of a known person by account id, e-mail address or name."""
        if name in self._people:
            return name
        wanted = name.lower()
        for account, person in self._people.items():
            email = person["emailAddress"].lower()
            if wanted in (email, email.removesuffix(f"@{_MAIL}"), person["displayName"].lower()):
                return account
        return None

    def shown(self, account: str) -> dict[str, Any]:
        """Return what is kept of a person; someone who left keeps the id alone."""
        return self._people.get(account) or {
            "accountId": account,
            "accountType": "atlassian",
            "active": False,
            "displayName": "Former user",
        }

    def deactivate(self, name: str) -> None:
        """Let a person no longer be assigned."""
        account = self.person(name)
        self._people[account]["active"] = False
        self._store.keep(_KIND, account, self._people[account])

    def matching(self, text: str = "") -> list[Document]:
        """Return the people whose name or address holds a text, in order of their names."""
        found = [
            person
            for person in self._people.values()
            if text.lower() in f"{person['displayName']} {person['emailAddress']}".lower()
        ]
        return sorted(found, key=lambda person: str(person["displayName"]))
