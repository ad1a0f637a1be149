"""All that an operation may use besides the database; built once, in ``im/boot.py``."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from adapters.channels.contract import Channel
from adapters.contract import Manifest, Mappings, Renew, Vendor
from adapters.delivery import Reads
from domain.limits.allowance import Left
from domain.sla.policy import SlaPolicy
from models.sealed import KeyRing
from operations.sla.look import PolicySource


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that is known of one vendor account, for opening it.

    credentials: by the names that the manifest lists, and the tokens that the
        vendor has given for them, in the clear.
    renew: keeps new tokens for all connections of the integration.
    mappings: the manifest's, with the integration's own on top.
    requests_per_minute: how often it may be asked at most, by all processes.
    slows_down: ask less often for a while after the vendor said "too often".
    """

    integration_id: str
    manifest: Manifest
    base_url: str
    credentials: Mapping[str, str] = field(repr=False)
    renew: Renew = field(compare=False)
    mappings: Mappings
    requests_per_minute: int
    slows_down: bool


Connect = Callable[[Account], Vendor]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReads:
    """What reads an account's deliveries, good ``until`` then and for these settings."""

    reads: Reads
    settings: object
    until: datetime


@dataclass(slots=True, kw_only=True)
class KeptVendor:
    """A vendor that this process has open, good ``until`` then and for this account.

    users: how many have it in hand now.
    """

    vendor: Vendor
    account: Account
    until: datetime
    users: int = 0

    async def leave(self) -> None:
        """Let go of the connections, unless somebody still uses them."""
        if not self.users:
            await self.vendor.close()


class Budget(Protocol):
    """How often each integration is asked, by all processes together."""

    async def left(self, integration_id: str, *, per_minute: int) -> Left | None:
        """Return what may still be asked in this minute; None while nobody knows."""
        ...

    async def aclose(self) -> None:
        """Let go of the connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Time, ids, chance, secrets and the way out.

    new_id: ULIDs that rise within a process.
    new_secret: 256 random bits, as text that fits into a URL.
    chance: a number in [0, 1), each as likely as the others; spreads load.
    connect: opens a vendor's account.
    budget: how often vendors are asked; ``connect`` heeds it.
    wake: tells another process that a topic has work; a hint, may be lost.
    policy_source: where the service levels are written.
    owner: names this process in leases.
    lease: how long a run stays with a worker that says nothing.
    reads: what reads deliveries, by integration; this process remembers it for a while.
    vendors: those that this process has open, by integration.
    policies: the service levels that this process went by last, by version.
    channels: the ways in which people are told, by the names that policies call them.
    public_url: where people find us; links begin with it.
    evaluate_every: how often clocks are looked at that only time has moved.
    previewing: held by who computes what other service levels would change.
    """

    now: Callable[[], datetime]
    new_id: Callable[[], str]
    new_secret: Callable[[], str]
    chance: Callable[[], float]
    keys: KeyRing
    connect: Connect
    budget: Budget
    wake: Callable[[str], Awaitable[None]]
    policy_source: PolicySource
    owner: str
    lease: timedelta = timedelta(seconds=60)
    evaluate_every: timedelta = timedelta(minutes=1)
    allows_local_vendors: bool = False
    reads: dict[str, KeptReads] = field(default_factory=dict, repr=False)
    vendors: dict[str, KeptVendor] = field(default_factory=dict, repr=False)
    policies: dict[str, SlaPolicy] = field(default_factory=dict, repr=False)
    channels: Mapping[str, Channel] = field(default_factory=dict, repr=False)
    public_url: str = "http://127.0.0.1:8000"
    previewing: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def aclose(self) -> None:
        """Let go of the vendors, of the channels and of the budget."""
        for kept in self.vendors.values():
            await kept.vendor.close()
        self.vendors.clear()
        for channel in self.channels.values():
            await channel.close()
        await self.budget.aclose()
