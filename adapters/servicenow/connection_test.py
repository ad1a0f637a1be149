"""A connection test: what works, and what to do about what does not."""

from datetime import timedelta
from typing import Final

from adapters.contract import Check, Checked, Failed
from adapters.servicenow.history import TABLE as AUDIT
from adapters.servicenow.tables import Rows, RowsAsk, Tables, is_denied
from domain.sync.retry import Fault

_LARGEST_SKEW: Final = timedelta(seconds=60)
_SIGN_IN: Final = "Check the credentials, and that the account is active and not locked."
_READ: Final = "Give the account a role that reads incidents, such as itil or sn_incident_read."
_REACH: Final[dict[Fault, str]] = {
    Fault.UNREACHABLE: "Check the base URL, and that this host may reach it.",
    Fault.TIMED_OUT: "The instance is too slow or asleep; open it in a browser and try again.",
    Fault.BAD_ANSWER: "Check the base URL: it should be the instance's own, without a path.",
    Fault.VENDOR_ERROR: "The instance reports an error of its own; try again later.",
    Fault.REJECTED: "Check the base URL, and that the Table API is active there.",
    Fault.THROTTLED: "Try again later, or raise the instance's rate limit for this account.",
}


async def check(tables: Tables) -> Checked:
    """Try the steps in order; those behind a failed one are not tried."""
    found = await tables.read(
        RowsAsk(table="incident", query="ORDERBYsys_id", columns=("sys_id",), limit=1)
    )
    if isinstance(found, Failed):
        return Checked(checks=_stopped(found))
    answer = found.answer
    return Checked(
        checks=(
            Check(name="reach", is_ok=True, detail="The instance answers."),
            Check(name="sign-in", is_ok=True, detail="The credentials are accepted."),
            _read(found),
            await _history(tables),
            await _queries(tables),
            _clock(answer.skew),
        ),
        latency=answer.latency,
        skew=answer.skew,
    )


def _stopped(failed: Failed) -> tuple[Check, ...]:
    """Return the steps up to the one that failed."""
    if failed.fault is not Fault.UNAUTHORISED:
        return (_failed("reach", failed, _REACH[failed.fault]),)
    reach = Check(name="reach", is_ok=True, detail="The instance answers.")
    if not is_denied(failed):
        return (reach, _failed("sign-in", failed, _SIGN_IN))
    sign_in = Check(name="sign-in", is_ok=True, detail="The credentials are accepted.")
    return (reach, sign_in, _failed("read", failed, _READ))


def _failed(name: str, failed: Failed, advice: str) -> Check:
    return Check(name=name, is_ok=False, detail=f"{failed.detail}. {advice}")


def _read(found: Rows) -> Check:
    if found.rows or not found.total:
        detail = f"Incidents can be read: {found.total or 0}."
        return Check(name="read", is_ok=True, detail=detail)
    detail = f"None of {found.total} incidents may be read, or not the first. {_READ}"
    return Check(name="read", is_ok=True, detail=detail)


async def _history(tables: Tables) -> Check:
    """Try the audit by a document that cannot be: without one the query takes minutes."""
    found = await tables.read(
        RowsAsk(
            table=AUDIT,
            query=f"tablename=incident^documentkeyIN{'0' * 32}",
            columns=("sys_id",),
            limit=1,
        )
    )
    if isinstance(found, Failed):
        detail = (
            f"Field history cannot be read ({found.detail}), so edits are known only from one"
            " pull to the next. To change that, let the account read the table sys_audit."
        )
    else:
        detail = "Field history can be read."
    return Check(name="history", is_ok=True, detail=detail)


async def _queries(tables: Tables) -> Check:
    """See what the instance makes of a condition on a column that it does not have."""
    found = await tables.read(
        RowsAsk(table="incident", query="no_such_field=1", columns=("sys_id",), limit=1)
    )
    if isinstance(found, Failed):
        return _failed("query safety", found, "Try again; the instance failed meanwhile.")
    if found.rows:
        detail = (
            "Warning: the instance ignores conditions on unknown columns, so a filter with a"
            " typing error finds everything. Set glide.invalid_query.returns_no_rows to true."
        )
    else:
        detail = "A condition on an unknown column finds nothing, as it should."
    return Check(name="query safety", is_ok=True, detail=detail)


def _clock(skew: timedelta) -> Check:
    seconds = skew.total_seconds()
    if abs(skew) <= _LARGEST_SKEW:
        detail = f"The clocks differ by {seconds:.1f} s."
    else:
        side = "ahead of" if seconds > 0 else "behind"
        detail = (
            f"The instance's clock is {abs(seconds):.0f} s {side} ours. Its times are corrected"
            " by that, but one of the two should be set right."
        )
    return Check(name="clock", is_ok=True, detail=detail)
