"""Refuses documents that would cost too much to read, before they are read further.

Every fragment is weighed once, so that the time is linear in the document
however its fragments are nested.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Lexer,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
)

from gql.declined import Code, Declined, declined

_OPENING: Final = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
_CLOSING: Final = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})

_Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest document that is read.

    brackets: open at once, in the text and again with fragments expanded.
    depth, aliases, fields: of one operation, fragments expanded. A field that
        starts with two underscores counts as one level whatever is below it:
        the introspection query of common tools is 15 deep, and graphql-core
        has a rule of its own for it.
    merge_pairs: pairs of fields with one response name that validation would
        have to compare: 190 equal selections, 4 kB, cost it a second.
    """

    characters: int = 100_000
    tokens: int = 2_000
    brackets: int = 64
    definitions: int = 50
    directives: int = 50
    depth: int = 12
    aliases: int = 30
    fields: int = 1_000
    merge_pairs: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weight:
    """A selection set with its fragments expanded."""

    depth: int = 0
    nesting: int = 0
    aliases: int = 0
    fields: int = 0


def check_text(text: str, limits: Limits) -> None:
    """Refuse a text that is too long to parse; syntax errors are left to the parser.

    Raises Declined, or GraphQLSyntaxError when not even its tokens can be read.
    """
    if len(text) > limits.characters:
        raise _too_large("characters", limits.characters)
    lexer = Lexer(Source(text))
    tokens = brackets = directives = 0
    while (kind := lexer.advance().kind) is not TokenKind.EOF:
        tokens += 1
        brackets += (kind in _OPENING) - (kind in _CLOSING)
        directives += kind is TokenKind.AT
        if tokens > limits.tokens:
            raise _too_large("tokens", limits.tokens)
        if brackets > limits.brackets:
            raise _too_large("open brackets", limits.brackets)
        if directives > limits.directives:
            raise _too_large("directives", limits.directives)


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Refuse a document that expands to too much. Raises Declined."""
    if len(document.definitions) > limits.definitions:
        raise _too_large("definitions", limits.definitions)
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    scales = _Scales(fragments, limits)
    for name in fragments:
        scales.weigh_fragment(name, 0)
    for operation in operations:
        scales.check(scales.weigh(operation.selection_set, 0))
    pairs = _Pairs(fragments, limits.merge_pairs)
    for operation in operations:
        pairs.count([operation.selection_set])
    for name in fragments.keys() - pairs.expanded:
        pairs.count([fragments[name].selection_set])


class _Scales:
    """Weighs selection sets, each fragment once."""

    def __init__(self, fragments: _Fragments, limits: Limits) -> None:
        self._fragments = fragments
        self._limits = limits
        self._weights: dict[str, _Weight | None] = {}

    def check(self, weight: _Weight) -> None:
        """Refuse an operation that is heavier than the limits."""
        for name in ("depth", "aliases", "fields"):
            limit: int = getattr(self._limits, name)
            if getattr(weight, name) > limit:
                raise declined(
                    f"The operation exceeds the limit of {limit} {name}.", Code.QUERY_TOO_COMPLEX
                )

    def weigh(self, selection_set: SelectionSetNode, level: int) -> _Weight:
        """Return the weight; ``level`` is how many selection sets enclose this one."""
        self._check_nesting(level)
        depth = nesting = aliases = fields = 0
        ceiling = self._limits.fields + 1
        for selection in selection_set.selections:
            match selection:
                case FieldNode():
                    below = self._weigh_field(selection, level)
                case InlineFragmentNode():
                    below = self.weigh(selection.selection_set, level + 1)
                case FragmentSpreadNode():
                    below = self.weigh_fragment(selection.name.value, level + 1)
                case _:
                    continue
            depth = max(depth, below.depth)
            nesting = max(nesting, below.nesting)
            aliases = min(aliases + below.aliases, ceiling)
            fields = min(fields + below.fields, ceiling)
        return _Weight(depth=depth, nesting=nesting + 1, aliases=aliases, fields=fields)

    def weigh_fragment(self, name: str, level: int) -> _Weight:
        """Return a fragment's weight.

        One that is unknown is left to validation, but counts: nothing that is
        written may weigh nothing, or it could be repeated without end.
        """
        if name not in self._fragments:
            return _Weight(fields=1)
        if name in self._weights:
            known = self._weights[name]
            if known is None:
                message = f'Fragment "{name}" contains itself.'
                raise declined(message, Code.GRAPHQL_VALIDATION_FAILED)
            self._check_nesting(level + known.nesting - 1)
            return known
        self._weights[name] = None
        weight = self.weigh(self._fragments[name].selection_set, level)
        self._weights[name] = weight
        return weight

    def _weigh_field(self, field: FieldNode, level: int) -> _Weight:
        below = (
            self.weigh(field.selection_set, level + 1)
            if field.selection_set is not None
            else _Weight()
        )
        hidden = field.name.value.startswith("__")
        return _Weight(
            depth=1 if hidden else below.depth + 1,
            nesting=below.nesting,
            aliases=below.aliases + (field.alias is not None),
            fields=below.fields + 1,
        )

    def _check_nesting(self, level: int) -> None:
        if level > self._limits.brackets:
            raise declined(
                f"Selections may be nested {self._limits.brackets} deep.", Code.QUERY_TOO_COMPLEX
            )


class _Pairs:
    """Counts the pairs of fields that share a response name and so must be merged."""

    def __init__(self, fragments: _Fragments, limit: int) -> None:
        self.expanded: set[str] = set()
        self._fragments = fragments
        self._limit = limit
        self._pairs = 0

    def count(self, selection_sets: Iterable[SelectionSetNode]) -> None:
        """Count in these sets, taken as one, and in all below them."""
        by_name: dict[str, list[FieldNode]] = {}
        for selection_set in selection_sets:
            for field in self._fields(selection_set):
                name = (field.alias or field.name).value
                by_name.setdefault(name, []).append(field)
        for same in by_name.values():
            self._pairs += len(same) * (len(same) - 1) // 2
            if self._pairs > self._limit:
                message = "The operation selects the same fields too many times."
                raise declined(message, Code.QUERY_TOO_COMPLEX)
            below = [field.selection_set for field in same if field.selection_set is not None]
            if below:
                self.count(below)

    def _fields(self, selection_set: SelectionSetNode) -> Iterator[FieldNode]:
        for selection in selection_set.selections:
            match selection:
                case FieldNode():
                    yield selection
                case InlineFragmentNode():
                    yield from self._fields(selection.selection_set)
                case FragmentSpreadNode():
                    self.expanded.add(selection.name.value)
                    if fragment := self._fragments.get(selection.name.value):
                        yield from self._fields(fragment.selection_set)


def _too_large(what: str, limit: int) -> Declined:
    return declined(f"The document exceeds the limit of {limit} {what}.", Code.QUERY_TOO_LARGE)
