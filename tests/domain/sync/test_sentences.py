"""One sentence for each rule."""

from datetime import timedelta
from typing import Any, Final

import pytest

from domain.exchange import ConflictKind, ConflictStatus
from domain.records import MergeReason
from domain.sync.ownership import Owned
from domain.sync.sentences import explain
from tests.domain.sync.explaining import (
    BY_DANA,
    EXTERNAL,
    MANUAL,
    OVERRIDDEN,
    PLATFORM,
    PRIORITY,
    at,
    case,
    dispute,
    sentence,
    told,
)

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
