"""A policy file that is torn, mixed, forged or hostile is refused; a whole one means itself."""

import random
from datetime import date
from fractions import Fraction
from typing import Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.records import Priority, TicketStatus
from domain.sla.calendar import DAY_MS, HOUR_MS, MINUTE_MS, Opening
from domain.sla.document import BadPolicy
from domain.sla.policy import SlaPolicy, version_of
from domain.sla.terms import AlertLevel, OnReopen, SlaSubjectKind
from operations.sla import policy_text
from operations.sla.policy_text import LARGEST, read_policy, sealed
from tests.operations.sla.written import TEXT, WHOLE, changed

SHORT: Final = b"""version: 1
calendars: {always: {always: true}}
policies: [{name: all, when: {}, resolution: {target: 4h, calendar: always}}]
end: sla_config
"""
NESTED: Final = {"lists": "[", "tables": "{a: ", "blocks": "- ", "keys": "? "}


def accepted(content: bytes) -> SlaPolicy | None:
    """Return what a content means; None when it is refused with a place in it."""
    try:
        return read_policy(content)
    except BadPolicy as refused:
        place = refused.place
    assert 1 <= place.line <= content.count(b"\n") + 1
    assert place.column >= 1
    return None


def test_the_example_means_what_it_says() -> None:
    policy = read_policy(WHOLE)
    assert policy.alert_at == Fraction(17, 20)
    assert policy.escalate_at == (Fraction("1.5"), Fraction(2))
    assert policy.dedup_window_ms == 15 * MINUTE_MS
    assert policy.pause_on == {TicketStatus.PENDING, TicketStatus.ON_HOLD}
    assert policy.stop_on == {TicketStatus.RESOLVED, TicketStatus.CLOSED}
    assert policy.on_reopen is OnReopen.RESUME
    always, berlin = policy.calendars
    assert (always.name, always.is_always) == ("always", True)
    assert berlin.weekly == ((Opening(opens=540, closes=1020),),) * 5 + ((), ())
    assert berlin.holidays == {date(2026, 12, 25), date(2026, 12, 26)}
    premium, incidents, default, unmeasured = policy.rules
    assert premium.tiers == {"PREMIUM"}
    assert premium.priorities == {Priority.P1}
    assert incidents.subjects == {SlaSubjectKind.INCIDENT}
    assert default.response is not None
    assert default.resolution is not None
    assert (default.response.span_ms, default.response.calendar) == (4 * HOUR_MS, berlin)
    assert default.resolution.span_ms == 3 * DAY_MS
    assert (unmeasured.response, unmeasured.resolution) == (None, None)
    assert policy.notify[AlertLevel.ESCALATION] == ("slack", "email")


def test_what_is_left_out_has_its_default() -> None:
    policy = read_policy(SHORT)
    assert (policy.alert_at, policy.escalate_at) == (Fraction("0.85"), ())
    assert (policy.dedup_window_ms, policy.on_reopen) == (15 * MINUTE_MS, OnReopen.RESUME)
    assert policy.notify == {}


@pytest.mark.parametrize("empty", ["thresholds", "clocks", "notify"])
def test_an_empty_section_is_one_that_is_left_out(empty: str) -> None:
    assert read_policy(SHORT.replace(b"end:", f"{empty}: {{}}\nend:".encode())) == read_policy(
        SHORT
    )


def test_how_it_is_written_does_not_change_the_version() -> None:
    other, _ = changed("alert_at: 0.85 ", "alert_at: '0.850' # the same\n ")
    windows = WHOLE.replace(b"\n", b"\r\n")
    versions = {version_of(read_policy(text)) for text in (WHOLE, other, windows, sealed(WHOLE))}
    assert len(versions) == 1
    assert version_of(read_policy(changed("alert_at: 0.85", "alert_at: 0.86")[0])) not in versions


@pytest.mark.parametrize("whole", [WHOLE, sealed(WHOLE)], ids=["open", "sealed"])
def test_a_file_that_is_cut_anywhere_is_refused_or_means_the_same(whole: bytes) -> None:
    policy = read_policy(whole)
    cut = {length: accepted(whole[:length]) for length in range(len(whole))}
    taken = {length: found for length, found in cut.items() if found is not None}
    assert all(found == policy for found in taken.values())
    # only the remark of the last line may be missing, or its end
    assert min(taken) >= whole.rindex(b"end: ") + len("end: sla_config")


def test_a_sealed_file_that_is_overwritten_in_place_is_the_old_one_or_the_new_one() -> None:
    old = sealed(WHOLE)
    news = [
        sealed(changed(*edit)[0])
        for edit in [
            ("alert_at: 0.85 ", "alert_at: 0.5 "),
            ("target: 4h, calendar: always", "target: 40h, calendar: always"),
            ("escalate_at: [1.5, 2.0] ", "escalate_at: [1.5] "),
            ("  - name: default", "  - name: other"),
        ]
    ]
    versions = [version_of(read_policy(content)) for content in (old, *news)]
    assert len(set(versions)) == 5
    for new in news:
        for length in range(1, len(new)):
            mixed = new[:length] + old[length:]
            if mixed not in (old, new) and (found := accepted(mixed)) is not None:
                assert found == read_policy(new)
                assert mixed.rstrip() == new.rstrip()


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 40), st.binary(max_size=40))
def test_a_sealed_file_that_was_touched_is_refused(place: int, size: int, other: bytes) -> None:
    whole = sealed(WHOLE)
    touched = whole[:place] + other + whole[place + size :]
    found = accepted(touched)
    assert found is None or touched == whole


@given(st.randoms(use_true_random=False))
def test_a_file_that_was_stirred_is_read_or_refused_but_never_fails(chance: random.Random) -> None:
    lines = TEXT.splitlines(keepends=True)
    for _ in range(chance.randint(1, 4)):
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    if chance.random() < 0.5:
        lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    accepted("".join(lines).encode())


def test_sealing_again_changes_nothing_and_opening_is_by_hand() -> None:
    once = sealed(WHOLE)
    assert sealed(once) == once
    assert read_policy(once) == read_policy(WHOLE)
    assert sealed(SHORT.removesuffix(b"end: sla_config\n")) == sealed(SHORT)
    assert sealed(SHORT.rstrip() + b" # remark\n\n") == sealed(SHORT)


def test_a_sealed_file_that_was_edited_says_so() -> None:
    edited = sealed(WHOLE).replace(b"4h", b"8h", 1)
    with pytest.raises(BadPolicy, match="the hash is not that of the lines above; seal") as refused:
        read_policy(edited)
    assert refused.value.place.line == edited.count(b"\n")


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (b"", 1, "the last line is not end"),
        (b"\n\n", 1, "the last line is not end"),
        (b"end: sla_config\n", 1, 'lacks "version"'),
        (b"# nothing\nend: sla_config\nend: sla_config\n", 3, "stands in line 2 already"),
        (SHORT + b"more: 1\n", 5, "the last line is not end"),
        (b"end: sla_config\n" + SHORT, 5, "stands in line 1 already"),
        (SHORT.replace(b"end:", b"...\nend:"), 5, "this is no YAML"),
        (SHORT.replace(b"end:", b"---\nend:"), 4, "one document is all"),
        (SHORT.replace(b"end: ", b" end: "), 4, "the last line is not end"),
        (SHORT.replace(b"end: sla_config", b"end: 'sla_config'"), 4, "the last line is not end"),
        (SHORT.replace(b"end: sla_config", b"end: sha256:" + b"0" * 64), 4, "the hash is not"),
        (SHORT.replace(b"end: sla_config", b"end: sha256:00"), 4, "the last line is not end"),
        (b"%YAML 1.1\n---\n" + SHORT, 1, "no directives"),
        (b"%TAG ! !x\n---\n" + SHORT, 1, "no directives"),
        (b"--- !!map\n" + SHORT, 1, "is a tag"),
        (SHORT.replace(b"1\n", b"!!int 1\n"), 1, "tag:yaml.org,2002:int is a tag"),
        (SHORT.replace(b"1\n", b"!!python/object/apply:os.system [x]\n"), 1, "is a tag"),
        (SHORT.replace(b"1\n", b"! 1\n"), 1, "is a tag"),
        (SHORT.replace(b"1\n", b"&one 1\n"), 1, "&one is an anchor"),
        (SHORT.replace(b"1\n", b"*one\n"), 1, "*one is an alias"),
        (SHORT.replace(b"{always: {", b"{always: &a {"), 2, "&a is an anchor"),
        (SHORT.replace(b"calendars:", b"calendars: [\n"), 4, "this is no YAML"),
        (SHORT.replace(b"version", b"\tversion"), 1, "this is no YAML"),
        (SHORT.replace(b"version", b"'version"), 5, "this is no YAML"),
        (SHORT.replace(b"1\n", b"|\n  1\n"), 1, "write 1"),
        (SHORT.replace(b"all", b"a\x00l"), 3, "U+0000"),
        (SHORT.replace(b"all", b"a\x1bl"), 3, "U+001B"),
        (SHORT.replace(b"all", "a\u2028l".encode()), 3, "U+2028"),
        (SHORT.replace(b"all", "a\x85l".encode()), 3, "U+0085"),
        (SHORT.replace(b"all", "a\ufeffl".encode()), 3, "U+FEFF"),
        (SHORT.replace(b"1\n", b"1\r"), 1, "U+000D"),
        (SHORT.replace(b"all", b"\xe4ll"), 3, "this is not UTF-8"),
        (SHORT.replace(b"all", b"\xed\xa0\x80"), 3, "this is not UTF-8"),
        (SHORT.decode().encode("utf-16"), 1, "this is not UTF-8"),
        (SHORT[:-1] + b" # " + b"x" * LARGEST + b"\n", 1, "262144 are the most"),
        (b"[]\nend: sla_config\n", 2, "this is no YAML"),
        (b"- a\nend: sla_config\n", 2, "this is no YAML"),
        (b"text\nend: sla_config\n", 2, "this is no YAML"),
        (b"{a: b,\nend: sla_config\n", 3, "this is no YAML"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_place(content: bytes, line: int, told: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        read_policy(content)
    assert told in refused.value.message
    assert refused.value.place.line == line


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\n\n", b"  # remark", b" \t# remark\r\n"])
def test_a_last_line_may_have_a_remark_and_any_end(end: bytes) -> None:
    assert read_policy(SHORT[:-1] + end) == read_policy(SHORT)


def test_a_mark_of_byte_order_is_no_fault() -> None:
    assert read_policy(b"\xef\xbb\xbf" + SHORT) == read_policy(SHORT)


@pytest.mark.parametrize("opening", NESTED.values(), ids=NESTED)
def test_nesting_ends_at_once(opening: str) -> None:
    bomb = f"calendars: {opening * 50_000}\nend: sla_config\n".encode()[-LARGEST:]
    assert accepted(b"calendars: " + bomb) is None


def test_a_bomb_of_aliases_ends_at_its_first_anchor() -> None:
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    bomb = "\n".join(["a0: &a0 [lol]", *lines, "end: sla_config\n"])
    with pytest.raises(BadPolicy, match="line 1, column 5: &a0 is an anchor"):
        read_policy(bomb.encode())


def test_a_file_as_large_as_allowed_is_read() -> None:
    remark = b"# " + b"x" * (LARGEST - len(SHORT) - 3) + b"\n"
    assert read_policy(remark + SHORT) == read_policy(SHORT)
    assert len(remark + SHORT) == LARGEST


@pytest.mark.parametrize("loader", [yaml.BaseLoader, policy_text._LOADER])
def test_a_machine_without_libyaml_reads_the_same(
    loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_text, "_LOADER", loader)
    assert read_policy(WHOLE).rules[-1].name == "unmeasured"
    for content, place in (
        changed("{always: true}", "{always: true, ¦always: true}"),
        changed("always: {always: true}", "always: ¦&here {always: true}"),
        changed("alert_at: 0.85 ", "alert_at: ¦@ "),
    ):
        with pytest.raises(BadPolicy) as refused:
            read_policy(content)
        assert (refused.value.place.line, refused.value.place.column) == place
