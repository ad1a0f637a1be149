"""What the contract suite asks of a vendor's simulator: one bench a vendor, one line below."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

import httpx

from simulators import misfortune
from simulators.misfortune import Kind
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from tests.adapters.conftest import Clock

_BASIC: Final = {"user": "admin", "password": "secret"}


class Bench(Protocol):
    """A vendor to test against."""

    credentials: Mapping[str, str]
    transport: httpx.AsyncBaseTransport

    def create(self, title: str) -> str:
        """Add an incident as one of the vendor's users, and return its external id."""
        ...

    def edit(self, external_id: str, title: str) -> None:
        """Edit an incident as one of the vendor's users."""
        ...

    def skew(self, by: timedelta) -> None:
        """Put the vendor's clock ahead."""
        ...

    def befall(self, kind: Kind, *, detail: str = "") -> None:
        """Let something go wrong with the next request."""
        ...

    def revoke(self) -> None:
        """Refuse our credentials from now on."""
        ...


@dataclass(slots=True)
class ServiceNowBench:
    instance: ServiceNow
    credentials: Mapping[str, str]
    transport: httpx.AsyncBaseTransport

    def create(self, title: str) -> str:
        return self.instance.create({"short_description": title})["sys_id"]

    def edit(self, external_id: str, title: str) -> None:
        self.instance.edit(external_id, {"short_description": title})

    def skew(self, by: timedelta) -> None:
        self.instance.switches.skew = by

    def befall(self, kind: Kind, *, detail: str = "") -> None:
        self.instance.misfortunes.push(misfortune.Fault(kind=kind, detail=detail))

    def revoke(self) -> None:
        self.instance.login.revoke()


def _servicenow(clock: Clock) -> Bench:
    instance = ServiceNow(now=clock, account=Account(password=_BASIC["password"]))
    return ServiceNowBench(
        instance=instance,
        credentials=_BASIC,
        transport=httpx.ASGITransport(app=instance.app),
    )


BENCHES: Final[Mapping[str, Callable[[Clock], Bench]]] = {
    "servicenow": _servicenow,
}
