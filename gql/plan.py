"""An operation that may run."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    SKIP,
    FieldNode,
    OperationDefinitionNode,
    OperationType,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    VisitorAction,
    visit,
)

from gql.documents import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An operation that may run: its document is valid and within the limits."""

    document: Document
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]

    @property
    def kind(self) -> OperationType:
        """Return whether it is a query, a mutation or a subscription."""
        return self.operation.operation

    @property
    def name(self) -> str | None:
        """Return the operation's name, if its author gave one."""
        return self.operation.name.value if self.operation.name else None

    @property
    def is_introspection(self) -> bool:
        """Return whether it asks for nothing but the schema."""
        return all(
            isinstance(selection, FieldNode) and selection.name.value.startswith("__")
            for selection in self.operation.selection_set.selections
        )

    def shape(self) -> Hashable:
        """Return what subscriptions have in common that differ in where they begin.

        Two of one shape make the same of an event, for one and the same viewer.
        """
        begin = self._begin()
        variables = {name: value for name, value in self.variables.items() if name != begin}
        written = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
        return (self.document, self.name, written)

    def _begin(self) -> str | None:
        """Return the variable that says where a subscription begins, and nothing else."""
        (root, *_) = self.operation.selection_set.selections
        for argument in (root.arguments or ()) if isinstance(root, FieldNode) else ():
            if argument.name.value == "after" and isinstance(argument.value, VariableNode):
                uses = _Uses(argument.value.name.value)
                visit(self.document.node, uses)
                return uses.name if uses.count == 1 else None
        return None


class _Uses(Visitor):
    """Counts how often a document uses a variable."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.count = 0

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> VisitorAction:
        """Pass over it: to define is not to use."""
        return SKIP

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        """Count it."""
        self.count += node.name.value == self.name
