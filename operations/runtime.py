"""All that an operation may use besides the database; built once, in ``im/boot.py``."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.contract import Manifest, Vendor
from models.sealed import KeyRing

Connect = Callable[[Manifest, str, Mapping[str, str]], Vendor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Time, ids, secrets and the way out.

    new_id: ULIDs that rise within a process.
    new_secret: 256 random bits, as text that fits into a URL.
    connect: opens a vendor by manifest, base URL and credentials.
    wake: tells another process that a topic has work; a hint, may be lost.
    owner: names this process in leases.
    lease: how long a run stays with a worker that says nothing.
    """

    now: Callable[[], datetime]
    new_id: Callable[[], str]
    new_secret: Callable[[], str]
    keys: KeyRing
    connect: Connect
    wake: Callable[[str], Awaitable[None]]
    owner: str
    lease: timedelta = timedelta(seconds=60)
    allows_local_vendors: bool = False
