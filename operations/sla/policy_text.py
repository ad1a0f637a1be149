"""The bytes of a policy file, from which a policy is read or nothing at all.

A file may be seen half written, or overwritten in place. Most of what is left of it then
is still good YAML, and means something else. So its last line has to be ``end:``, and may
hold a hash of all that stands above it.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from domain.sla.document import BadPolicy, Items, Node, Place, Table, Text, shown
from domain.sla.policy import SlaPolicy
from domain.sla.policy_file import policy_of

LARGEST: Final = 256 * 1024
# The form needs 5 levels; what is deeper is no policy.
_DEEPEST: Final = 12
_MARK: Final = b"\xef\xbb\xbf"
# YAML forbids the first ones. The others are line ends, or nothing at all, that nobody sees.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)"
)
_END: Final = re.compile(
    rb"^end:[ \t]+(?:sla_config|sha256:(?P<hash>[0-9a-f]{64}))[ \t]*(?:[ \t]#[^\n]*)?\s*\Z",
    re.MULTILINE,
)
_LAST_LINE: Final = re.compile(rb"^[^\n]*\n?\Z", re.MULTILINE)
# libyaml where there is it: some thirty times as fast, to the same end.
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_policy(content: bytes) -> SlaPolicy:
    """Return the policy that a file's content means.

    Raises BadPolicy, which names the place and what to write, when anything is wrong.
    Cost: 1 ms for a file of 2 KB, 0.2 s at most.
    """
    if len(content) > LARGEST:
        raise BadPolicy(
            Place(line=1, column=1),
            f"the file has {len(content)} bytes; {LARGEST} are the most: take something out",
        )
    written = _decoded(content)
    _check_end(content)
    return policy_of(_document(written))


def sealed(content: bytes) -> bytes:
    """Return the content with a last line that holds the hash of all above it.

    A last line that begins with ``end:`` is replaced, remarks and all.
    """
    last = _LAST_LINE.search(content.rstrip(b"\r\n") + b"\n")
    above = content
    if last is not None and last[0].startswith(b"end:"):
        above = content[: last.start()]
    if above and not above.endswith(b"\n"):
        above += b"\n"
    return above + f"end: sha256:{hashlib.sha256(above).hexdigest()}\n".encode()


def _decoded(content: bytes) -> str:
    try:
        written = content.removeprefix(_MARK).decode()
    except UnicodeDecodeError as error:
        place = _place(content[: error.start].decode(), error.start)
        raise BadPolicy(place, "this is not UTF-8; save the file in that encoding") from None
    if found := _INVISIBLE.search(written):
        message = f"the invisible character U+{ord(found[0]):04X} stands here; take it out"
        raise BadPolicy(_place(written, found.start()), message)
    return written


def _place(written: str, offset: int) -> Place:
    above = written[:offset]
    return Place(line=above.count("\n") + 1, column=len(above) - above.rfind("\n"))


def _check_end(content: bytes) -> None:
    """Refuse a file that is cut, or that is not what was sealed."""
    end = _END.search(content)
    if end is None:
        place = Place(line=content.rstrip(b"\r\n").count(b"\n") + 1, column=1)
        raise BadPolicy(
            place,
            "the last line is not end: sla_config, as if the file were cut; write it whole",
        )
    above = content[: end.start()]
    if end["hash"] and end["hash"].decode() != hashlib.sha256(above).hexdigest():
        raise BadPolicy(
            Place(line=above.count(b"\n") + 1, column=1),
            "the hash is not that of the lines above; seal the file again if they are right",
        )


@dataclass(slots=True, kw_only=True)
class _Open:
    """A list or a table that has begun; of a table, the items are its keys and values in turn."""

    place: Place
    is_table: bool
    items: list[Node] = field(default_factory=list)
    keys: dict[str, Place] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        """Take the next item, or key, or value. Raises BadPolicy for a key that is no new text."""
        if self.is_table and len(self.items) % 2 == 0:
            if not isinstance(node, Text):
                raise BadPolicy(node.place, "a key is a plain text")
            if node.text in self.keys:
                first = self.keys[node.text].line
                message = f'"{shown(node.text)}" stands in line {first} already; keep one of them'
                raise BadPolicy(node.place, message)
            self.keys[node.text] = node.place
        self.items.append(node)

    def whole(self) -> Node:
        """Return what it has become."""
        if not self.is_table:
            return Items(items=tuple(self.items), place=self.place)
        entries = dict(zip(self.keys, self.items[1::2], strict=True))
        return Table(entries=entries, key_places=self.keys, place=self.place)


def _document(written: str) -> Node:
    """Return the one document of a text, without recursion: nothing is deep enough to hurt."""
    outermost = _Open(place=Place(line=1, column=1), is_table=False)
    stack = [outermost]
    for event in _events(written):
        place = Place(line=event.start_mark.line + 1, column=event.start_mark.column + 1)
        _check_plain(event, place)
        match event:
            case yaml.DocumentStartEvent() if outermost.items:
                raise BadPolicy(place, "one document is all that a policy is; take this out")
            case yaml.ScalarEvent():
                stack[-1].add(Text(text=event.value, place=place))
            case yaml.CollectionStartEvent():
                if len(stack) > _DEEPEST:
                    raise BadPolicy(place, "this is nested too deeply for a policy; flatten it")
                is_table = isinstance(event, yaml.MappingStartEvent)
                stack.append(_Open(place=place, is_table=is_table))
            case yaml.CollectionEndEvent():
                stack[-2].add(stack.pop().whole())
    if not outermost.items:
        raise BadPolicy(outermost.place, "the file says nothing")
    return outermost.items[0]


def _check_plain(event: Any, place: Place) -> None:  # noqa: ANN401 — the library has no types
    """Refuse what makes a text mean something that stands elsewhere, or of another type."""
    match event:
        case yaml.AliasEvent():
            raise BadPolicy(
                place, f"*{shown(event.anchor)} is an alias; write out what it stands for"
            )
        case yaml.ScalarEvent() | yaml.CollectionStartEvent() if event.anchor is not None:
            raise BadPolicy(place, f"&{shown(event.anchor)} is an anchor; take it out")
        case yaml.ScalarEvent() | yaml.CollectionStartEvent() if event.tag is not None:
            raise BadPolicy(place, f"{shown(event.tag)} is a tag; take it out")
        case yaml.DocumentStartEvent() if event.version or event.tags:
            raise BadPolicy(place, "a policy needs no directives; take this out")


def _events(written: str) -> Iterator[Any]:
    """Yield what YAML finds in a text; what it cannot read is a bad policy."""
    try:
        yield from yaml.parse(written, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (
            Place(line=mark.line + 1, column=mark.column + 1) if mark else Place(line=1, column=1)
        )
        raise BadPolicy(place, f"this is no YAML: {error.problem or error.context}") from None
