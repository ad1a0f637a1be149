"""Put the policy of a file in force for all processes, or note why it is refused (rule S11)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import structlog

from domain.errors import Unavailable
from domain.events.entry import NewEntry, SlaEventKind, Topic
from domain.sla.policy import SlaPolicy, version_of
from models.coding import dumps, to_milliseconds
from models.tables.sla_policy import SlaFileRow
from models.transaction import Transaction, commit
from operations.runtime import Runtime
from operations.sla.absence import warn_of_absent
from operations.sla.judge import PolicyFault
from operations.sla.look import PACKAGED, Seen
from operations.sla.message import message
from operations.sla.policy_in_force import policy_in_force

log = structlog.get_logger()

_ONLY: Final = 1
_OF_REFUSAL: Final = ("error", "error_line", "error_column", "error_at", "error_digest")


class Outcome(StrEnum):
    """What became of a file.

    TAKEN: another policy is in force. MENDED: the one in force stands in the file again,
    which had been refused. REFUSED: it is bad. KNOWN: nothing new.
    """

    TAKEN = "TAKEN"
    MENDED = "MENDED"
    REFUSED = "REFUSED"
    KNOWN = "KNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a file, and what is wrong with it, if anything is."""

    outcome: Outcome
    fault: PolicyFault | None = None


async def take_policy(
    runtime: Runtime, seen: Seen, judged: SlaPolicy | PolicyFault, *, by: str
) -> Verdict:
    """Let a good file's policy be in force from now on; keep the last good one otherwise.

    Several processes may take a file at once: one does, to the others it is known. What
    is refused is told once, through all channels that the policy in force names, and so
    is that the file is good again; before the first policy there is nowhere to keep it.
    """
    channels = await _channels(runtime)

    async def write(tx: Transaction) -> Verdict:
        await tx.alone("sla_policy")
        file = await SlaFileRow.filter(id=_ONLY).first()
        taking = _Taking(runtime=runtime, tx=tx, file=file, seen=seen, channels=channels)
        match taking.withdrawn() or judged:
            case PolicyFault() as fault:
                return await taking.refuse(fault)
            case SlaPolicy() as policy:
                return await taking.take(version_of(policy), by=by)

    verdict = await commit(write)
    await runtime.wake("events")
    await runtime.wake("notify")
    _log(verdict, path=seen.name, by=by)
    if verdict.outcome is Outcome.TAKEN and isinstance(judged, SlaPolicy):
        warn_of_absent(runtime, judged)
    return verdict


async def _channels(runtime: Runtime) -> Sequence[str]:
    """Return through which channels it is told what becomes of the file."""
    with suppress(Unavailable):
        return (await policy_in_force(runtime)).policy.channels
    return ()


def _log(verdict: Verdict, **facts: str) -> None:
    facts["operation"] = "sla.take_policy"
    if verdict.outcome is Outcome.TAKEN:
        log.info("sla_policy_taken", **facts)
    elif verdict.outcome is Outcome.MENDED:
        log.info("sla_policy_mended", **facts)
    elif verdict.outcome is Outcome.REFUSED and verdict.fault is not None:
        log.error("sla_policy_refused", detail=verdict.fault.message, **facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taking:
    """One file, and what is known of those before it."""

    runtime: Runtime
    tx: Transaction
    file: SlaFileRow | None
    seen: Seen
    channels: Sequence[str]

    @property
    def now(self) -> datetime:
        """Our time."""
        return self.runtime.now()

    def withdrawn(self) -> PolicyFault | None:
        """Return that the file is gone, when what was looked at is the packaged one instead."""
        if self.seen.name != PACKAGED or self.file is None or self.file.path == PACKAGED:
            return None
        return PolicyFault(message=f"{self.file.path} is not there; put it back")

    async def take(self, version: str, *, by: str) -> Verdict:
        """Put a version in force, or note that it is what the file says still, or again."""
        file = self.file
        is_mended = file is not None and file.error is not None
        since = file.in_force_since if file is not None and file.version == version else None
        if since is not None and not is_mended and self._is_known(file):
            return Verdict(outcome=Outcome.KNOWN)
        now = to_milliseconds(self.now)
        content = self.seen.content.decode()
        policy: dict[str, object] = {"version": version, "content": content, "loaded_at": now}
        await self.tx.upsert("sla_policy", [policy], key=("version",))
        line: dict[str, object] = {
            "id": _ONLY,
            "version": version,
            "in_force_since": to_milliseconds(since or self.now),
            "path": self.seen.name,
            "digest": self.seen.digest,
            "loaded_at": now,
            "loaded_by": by,
            **dict.fromkeys(_OF_REFUSAL),
        }
        await self.tx.upsert("sla_file", [line], key=("id",))
        if is_mended:
            await self._notify(version, since or self.now)
        if since is None:
            self._tell(SlaEventKind.POLICY_TAKEN, f"version {version}, by {by}")
            return Verdict(outcome=Outcome.TAKEN)
        if is_mended:
            self._tell(SlaEventKind.POLICY_MENDED, f"version {version}, by {by}")
        return Verdict(outcome=Outcome.MENDED if is_mended else Outcome.KNOWN)

    async def refuse(self, fault: PolicyFault) -> Verdict:
        """Note what is wrong with the file."""
        file = self.file
        if file is not None and (file.error_digest, file.error) == (
            self.seen.digest,
            fault.message,
        ):
            return Verdict(outcome=Outcome.KNOWN, fault=fault)
        if file is not None:
            file.error, file.error_digest = fault.message, self.seen.digest
            file.error_line = fault.place.line if fault.place else None
            file.error_column = fault.place.column if fault.place else None
            file.error_at = self.now
            await file.save(update_fields=_OF_REFUSAL)
            self._tell(SlaEventKind.POLICY_REFUSED, f"{self.seen.name}: {fault.message}")
            await self._notify(file.version, file.in_force_since, fault=fault.message)
        return Verdict(outcome=Outcome.REFUSED, fault=fault)

    def _is_known(self, file: SlaFileRow | None) -> bool:
        return file is not None and (file.digest, file.path) == (self.seen.digest, self.seen.name)

    async def _notify(
        self, version: str, in_force_since: datetime, *, fault: str | None = None
    ) -> None:
        """Queue a message for each channel."""
        at_ms = to_milliseconds(self.now)
        news = {
            "path": self.seen.name,
            "fault": fault,
            "version": version,
            "in_force_since": to_milliseconds(in_force_since),
            "at": at_ms,
        }
        lines = [
            message(self.runtime, channel, at_ms=at_ms, policy_news=dumps(news))
            for channel in self.channels
        ]
        await self.tx.insert("notification", lines)

    def _tell(self, kind: SlaEventKind, message: str) -> None:
        self.tx.tell(NewEntry(topic=Topic.SLA, kind=kind, occurred_at=self.now, message=message))
