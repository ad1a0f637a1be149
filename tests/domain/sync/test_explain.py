"""One sentence for each rule, and what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from domain.records import (
    ConflictKind,
    ConflictStatus,
    ConflictStrategy,
    EditSource,
    MergeReason,
    Owner,
    WarningCode,
)
from domain.sync.explain import Case, Dispute, Judged, Waiting, alike
from domain.sync.ownership import Owned
from domain.sync.sentences import explain

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
SNOW: Final = "prod-snow"
BY_DANA: Final = Judged(
    id="1",
    before="a",
    value="p",
    version=2,
    at=NOON,
    by="dana",
    side=None,
    source=EditSource.PERSON,
    accepted=True,
    reason=MergeReason.LOCAL_EDIT,
)
PLATFORM: Final = Owned(owner=Owner.PLATFORM)
EXTERNAL: Final = Owned(owner=Owner.EXTERNAL, by="i1")
LAST_WRITE: Final = ConflictStrategy.LAST_WRITE_WINS
PRIORITY: Final = ConflictStrategy.OWNERSHIP_PRIORITY
MANUAL: Final = ConflictStrategy.MANUAL_REVIEW
OVERRIDDEN: Final = WarningCode.OWNER_OVERRIDDEN


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(reason: MergeReason, *, accepted: bool = False, seconds: float = 3) -> Judged:
    """The vendor's ``x``, judged after all else."""
    return Judged(
        id="9",
        before="a",
        value="x",
        version=3 if accepted else None,
        at=at(seconds),
        by="beth",
        side=SNOW,
        source=EditSource.PULL,
        accepted=accepted,
        reason=reason,
    )


def dispute(**facts: Any) -> Dispute:  # noqa: ANN401 — of a conflict
    """Dana's ``p`` of noon against the vendor's ``x``, 3 s later."""
    plain: dict[str, Any] = {
        "id": "8",
        "number": 12,
        "field": "severity",
        "side": SNOW,
        "kind": ConflictKind.SIMULTANEOUS,
        "status": ConflictStatus.RESOLVED_EXTERNAL,
        "strategy": LAST_WRITE,
        "warning": None,
        "window": timedelta(seconds=5),
        "ours": "p",
        "ours_at": NOON,
        "ours_by": "dana",
        "theirs": "x",
        "theirs_at": at(3),
        "resolved_by": "strategy:LAST_WRITE_WINS",
    }
    return Dispute(**plain | facts)


def case(
    *edits: Judged,
    value: str | None = "p",
    owned: Owned = Owned(),  # noqa: B008 — frozen
    disputes: Sequence[Dispute] = (),
    waiting: Sequence[Waiting] = (),
    unsent: Mapping[str, WarningCode] | None = None,
) -> Case:
    return Case(
        field="severity",
        value=value,
        owned=owned,
        owner_key=None if owned.by is None else SNOW,
        edits=edits,
        disputes=disputes,
        waiting=waiting,
        copied_from=SNOW,
        made_at=at(-600),
        unsent=unsent or {},
    )


def sentence(one: Case) -> str:
    return explain(one, now=at(60)).sentence


STANDS: Final = "severity is `p`: dana set it at 12:00:00; prod-snow set `x` at 12:00:03, "
SENTENCES: Final = {
    MergeReason.NEWER: (
        case(BY_DANA, told(MergeReason.NEWER, accepted=True), value="x"),
        (
            "severity is `x`: prod-snow set it at 12:00:03 in place of `a`, "
            "and nothing later is known of it."
        ),
    ),
    MergeReason.LOCAL_EDIT: (
        case(BY_DANA),
        "severity is `p`: dana set it here at 12:00:00 in place of `a`.",
    ),
    MergeReason.OWNER_EXTERNAL: (
        case(BY_DANA, told(MergeReason.OWNER_EXTERNAL, accepted=True), value="x", owned=EXTERNAL),
        (
            "severity is `x`: prod-snow set it at 12:00:03 without having seen what stood here; "
            "as the owner of severity it has the last word."
        ),
    ),
    MergeReason.OWNER_PLATFORM: (
        case(BY_DANA, told(MergeReason.OWNER_PLATFORM), owned=PLATFORM),
        f"{STANDS}but the platform owns severity.",
    ),
    MergeReason.SIMULTANEOUS: (
        case(
            BY_DANA,
            told(MergeReason.SIMULTANEOUS, accepted=True),
            value="x",
            owned=PLATFORM,
            disputes=[dispute(warning=OVERRIDDEN)],
        ),
        (
            "severity is `x`: prod-snow set it at 12:00:03, 3.0 s after dana set `p`; within 5 s "
            "last-write-wins took the later one although the platform owns severity."
        ),
    ),
    MergeReason.DIVERGED: (
        case(
            BY_DANA,
            told(MergeReason.DIVERGED, seconds=60),
            owned=PLATFORM,
            disputes=[dispute(kind=ConflictKind.DIVERGED, theirs_at=at(60))],
        ),
        (
            "severity is `p`: dana set it at 12:00:00, 60.0 s before prod-snow set `x`; neither "
            "had seen the other, and last-write-wins left it to the platform, the owner of "
            "severity."
        ),
    ),
    MergeReason.OPEN_CONFLICT: (
        case(
            BY_DANA,
            told(MergeReason.OPEN_CONFLICT),
            disputes=[dispute(status=ConflictStatus.OPEN, strategy=MANUAL, resolved_by=None)],
        ),
        f"{STANDS}while conflict-12 was open.",
    ),
    MergeReason.VENDOR_TRANSFORMED: (
        case(BY_DANA, told(MergeReason.VENDOR_TRANSFORMED, accepted=True), value="x"),
        "severity is `x`: prod-snow made it at 12:00:03 of what was written there.",
    ),
    MergeReason.ECHO: (
        case(BY_DANA, told(MergeReason.ECHO)),
        f"{STANDS}which was a write of ours coming back.",
    ),
    MergeReason.SAME: (case(BY_DANA, told(MergeReason.SAME)), f"{STANDS}the same as here."),
    MergeReason.UNCHANGED: (
        case(BY_DANA, told(MergeReason.UNCHANGED)),
        f"{STANDS}as it had said before.",
    ),
    MergeReason.STALE: (
        case(BY_DANA, told(MergeReason.STALE)),
        f"{STANDS}which is older than what was known of it.",
    ),
    MergeReason.DIRECTION: (
        case(BY_DANA, told(MergeReason.DIRECTION)),
        f"{STANDS}but its direction brings nothing here.",
    ),
}


@pytest.mark.parametrize("reason", MergeReason)
def test_each_reason_has_its_sentence(reason: MergeReason) -> None:
    one, expected = SENTENCES[reason]
    explained = explain(one, now=at(60))
    assert (explained.sentence, explained.rule) == (expected, reason)
    last = one.last
    assert last is not None
    assert explained.decided_at == last.at


def clash(*, accepted: bool, owned: Owned = Owned(), **facts: Any) -> str:  # noqa: ANN401, B008 — frozen
    """Return what is said of a clash after its head."""
    edit = told(MergeReason.SIMULTANEOUS, accepted=accepted)
    value = "x" if accepted else "p"
    one = case(BY_DANA, edit, value=value, owned=owned, disputes=[dispute(**facts)])
    return sentence(one).removeprefix(f"severity is `{value}`: ").removesuffix(".")


def test_who_lost_a_clash_is_told_whichever_side_it_was() -> None:
    assert clash(accepted=False, theirs_at=at(-3)) == (
        "dana set it at 12:00:00, 3.0 s after prod-snow set `x`; "
        "within 5 s last-write-wins took the later one"
    )


@pytest.mark.parametrize(
    ("accepted", "facts", "verdict"),
    [
        (
            True,
            {"ours_at": at(3.4), "theirs_at": at(3)},
            (
                "within 5 s last-write-wins took that of prod-snow, "
                "since the times cannot tell which was later"
            ),
        ),
        (
            True,
            {"strategy": PRIORITY},
            "within 5 s ownership-priority took the later one",
        ),
        (
            False,
            {"strategy": PRIORITY, "owned": PLATFORM},
            (
                "within 5 s ownership-priority took that of the platform, "
                "whose priority is not the smaller"
            ),
        ),
        (
            True,
            {"window": timedelta(seconds=1)},
            "within the window of that time last-write-wins took the later one",
        ),
        (
            False,
            {"theirs_at": at(-3), "warning": OVERRIDDEN, "owned": EXTERNAL},
            "within 5 s last-write-wins took the later one although prod-snow owns severity",
        ),
    ],
)
def test_the_verdict_of_a_strategy_is_told(
    accepted: bool, facts: dict[str, Any], verdict: str
) -> None:
    assert clash(accepted=accepted, **facts).partition("; ")[2] == verdict


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (ConflictStatus.OPEN, "conflict-12 waits for a person"),
        (ConflictStatus.RESOLVED_PLATFORM, "mara kept this value in conflict-12"),
        (ConflictStatus.RESOLVED_EXTERNAL, "mara took the vendor's value in conflict-12"),
        (ConflictStatus.IGNORED, "mara let both values stand in conflict-12"),
        (ConflictStatus.SUPERSEDED, "conflict-12 has ended by itself"),
    ],
)
def test_a_persons_word_is_told(status: ConflictStatus, word: str) -> None:
    told_of = clash(accepted=False, strategy=MANUAL, status=status, resolved_by="mara")
    assert told_of == f"dana set it at 12:00:00, 3.0 s before prod-snow set `x`; {word}"


def test_a_clash_whose_conflict_is_not_kept_is_told_all_the_same() -> None:
    one = case(BY_DANA, told(MergeReason.SIMULTANEOUS, accepted=True), value="x")
    assert sentence(one) == (
        "severity is `x`: prod-snow set it at 12:00:03; "
        "both sides had changed it without having seen each other."
    )


def test_a_value_that_has_never_changed_says_so() -> None:
    explained = explain(case(), now=at(60))
    assert explained.sentence == (
        "severity is `p`: it has not changed since the first copy from prod-snow."
    )
    assert (explained.rule, explained.decided_at) == (MergeReason.NEWER, at(-600))
    made_here = explain(replace(case(), copied_from=None), now=at(60))
    assert made_here.sentence == "severity is `p`: it has not changed since it was made here."
    assert made_here.rule is MergeReason.LOCAL_EDIT


def test_a_refused_change_leaves_the_first_copy_standing() -> None:
    assert sentence(case(told(MergeReason.DIRECTION))) == (
        "severity is `p`: it has not changed since the first copy from prod-snow; prod-snow set "
        "`x` at 12:00:03, but its direction brings nothing here."
    )


def test_a_persons_decision_is_told_as_one() -> None:
    decided = replace(BY_DANA, source=EditSource.CONFLICT_RESOLUTION)
    assert sentence(case(decided)) == "severity is `p`: dana decided a conflict for it at 12:00:00."


def test_it_is_said_to_whom_an_edit_does_not_go() -> None:
    unsent = {"jira": WarningCode.NOT_SENT, SNOW: WarningCode.OWNED_EXTERNALLY}
    assert sentence(case(BY_DANA, unsent=unsent)).endswith(
        "in place of `a`; it is not sent to jira, which takes none of it; it is not sent to "
        "prod-snow, which owns severity: its next value wins."
    )


def test_the_value_in_force_is_that_of_the_greatest_version_whenever_it_was_made() -> None:
    # given a late change that was taken, stamped before an edit of ours
    late = replace(told(MergeReason.SIMULTANEOUS, accepted=True), at=at(-5))
    one = case(late, BY_DANA)
    assert one.given is late
    assert one.last is late


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "empty"),
        ("", "empty"),
        (("db", "web"), "`db, web`"),
        ("two\nlines", "`two lines`"),
        ("x" * 61, f"`{'x' * 59}…`"),
        ("x" * 60, f"`{'x' * 60}`"),
    ],
)
def test_values_are_shown_on_one_line(value: Any, text: str) -> None:  # noqa: ANN401 — any value
    assert sentence(replace(case(), value=value)).startswith(f"severity is {text}: ")


def test_a_time_of_another_day_has_its_date() -> None:
    later = explain(case(BY_DANA), now=NOON + timedelta(days=1))
    assert "at 2026-03-02 12:00:00" in later.sentence


def test_a_write_that_waits_is_the_next_action() -> None:
    write = Waiting(side=SNOW, attempt=2, due_at=at(150))

    def action(*waiting: Waiting, disputes: Sequence[Dispute] = ()) -> str | None:
        return explain(case(waiting=waiting, disputes=disputes), now=NOON).next_action

    assert action() is None
    assert action(write) == "write to prod-snow, attempt 2 at 12:02:30"
    assert (
        action(replace(write, due_at=None)) == "write to prod-snow, after the record's own create"
    )
    assert action(replace(write, is_held=True)) == (
        "write to prod-snow, as soon as a person lets it work again"
    )
    waits = dispute(status=ConflictStatus.OPEN, strategy=MANUAL, resolved_by=None)
    dead = replace(write, side="jira", entry=456)
    assert action(dead, replace(write, side="pd"), write, disputes=[waits]) == (
        "waits for a person: conflict-12; waits for a person: entry-456; "
        "write to pd, attempt 2 at 12:02:30"
    )
    assert action(disputes=[dispute()]) is None


def test_sets_are_alike_in_any_order() -> None:
    assert alike(["a", "b"], ["b", "a"])
    assert not alike(["a"], ["a", "b"])
    assert alike(None, None)
    assert not alike("a", None)


def test_the_conflict_of_a_field_is_the_open_one_else_that_of_the_last_verdict() -> None:
    edit = told(MergeReason.SIMULTANEOUS, accepted=True)
    decided, waits = dispute(), dispute(id="7", status=ConflictStatus.OPEN)
    assert case(BY_DANA, edit, disputes=[decided]).dispute is decided
    assert case(BY_DANA, edit, disputes=[decided, waits]).dispute is waits
    assert case(BY_DANA, disputes=[decided]).dispute is None
    assert case().dispute is None
