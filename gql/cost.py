"""What an operation may cost, known from the document and its variables alone.

An object costs 1 and a scalar nothing. A page costs 1 and, for each row that it
may hold, what is selected of a row; another list counts as ten rows, a list of
results as many as there are things in the mutation's input. A mutation adds 10,
and introspection costs 10 whatever is below it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

MUTATION: Final = 10
INTROSPECTION: Final = 10
PAGE: Final = 20
LIST: Final = 10
# Lists that are short in practice; a dependency has two ends, so both lists are as long.
SHORT: Final[Mapping[str, int]] = {
    "services": 3,
    "links": 3,
    "dependsOn": 3,
    "dependents": 3,
    "clocks": 2,
    "notifications": 3,
}
# A mutation's argument, and the list in its payload that has an entry for each thing in it.
INPUT: Final = "input"
RESULTS: Final = "results"
# Nothing costs more: a number that no limit reaches, and small to compute with.
CEILING: Final = 1_000_000_000

_ROWS: Final = frozenset({"edges", "nodes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Costing:
    """Computes the cost of one operation with its variables filled in.

    variables: coerced, defaults included.
    known: the cost of fragments already met, by name and page size.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    known: dict[tuple[str, int], int]

    def of_operation(self, operation: OperationDefinitionNode) -> int:
        """Return the cost of a valid operation, at least 1."""
        root = self.schema.get_root_type(operation.operation)
        cost = self._of_selections(operation.selection_set, root, 1)
        if operation.operation is OperationType.MUTATION:
            cost += MUTATION * len(operation.selection_set.selections)
        return max(1, min(cost, CEILING))

    def _of_selections(self, selection_set: SelectionSetNode, parent: object, page: int) -> int:
        cost = 0
        for selection in selection_set.selections:
            match selection:
                case FieldNode():
                    cost += self._of_field(selection, parent, page)
                case InlineFragmentNode(type_condition=condition):
                    inner = self.schema.type_map[condition.name.value] if condition else parent
                    cost += self._of_selections(selection.selection_set, inner, page)
                case FragmentSpreadNode():
                    cost += self._of_fragment(selection.name.value, page)
        return min(cost, CEILING)

    def _of_fragment(self, name: str, page: int) -> int:
        known = self.known.get((name, page))
        if known is None:
            fragment = self.fragments[name]
            condition = self.schema.type_map[fragment.type_condition.name.value]
            known = self._of_selections(fragment.selection_set, condition, page)
            self.known[name, page] = known
        return known

    def _of_field(self, field: FieldNode, parent: object, page: int) -> int:
        name = field.name.value
        if name.startswith("__"):
            return 0 if field.selection_set is None else INTROSPECTION
        if field.selection_set is None:
            return 0
        definition = cast("GraphQLObjectType | GraphQLInterfaceType", parent).fields[name]
        below = get_named_type(definition.type)
        if _is_page(below):
            rows = self._rows(field, definition)
            return min(1 + self._of_selections(field.selection_set, below, rows), CEILING)
        cost = self._of_selections(field.selection_set, below, self._given(field))
        if _is_page(parent) and name in _ROWS:
            # An edge is part of its page: only the row within it is counted.
            return min(page * (cost + (name == "nodes")), CEILING)
        times = 1
        if _is_list(definition.type):
            times = page if name == RESULTS else self._length(field, definition)
        return min(times * (cost + is_composite_type(below)), CEILING)

    def _rows(self, field: FieldNode, definition: GraphQLField) -> int:
        given = {argument.name.value: argument.value for argument in field.arguments or ()}
        for name in ("first", "last"):
            if name in given and isinstance(rows := self._value(given[name]), int):
                return min(max(rows, 0), CEILING)
        default = definition.args["first"].default_value if "first" in definition.args else None
        return default if isinstance(default, int) else PAGE

    def _length(self, field: FieldNode, definition: GraphQLField) -> int:
        """Return how long a list counts; one by ids is as long as they are."""
        for argument in field.arguments or ():
            if argument.name.value == "ids":
                ids = self._value(argument.value)
                return len(ids) if isinstance(ids, list | tuple) else 1
        return SHORT.get(field.name.value, LIST)

    def _given(self, field: FieldNode) -> int:
        """Return how many things a mutation is given in its input's longest list, at least one."""
        found = [self._value(one.value) for one in field.arguments or () if one.name.value == INPUT]
        lists = [one for given in found if isinstance(given, dict) for one in given.values()]
        return max((len(one) for one in lists if isinstance(one, list | tuple)), default=1) or 1

    def _value(self, value: ValueNode) -> object:
        match value:
            case VariableNode():
                return self.variables.get(value.name.value)
            case IntValueNode():
                return int(value.value)
            case ListValueNode():
                return value.values
            case ObjectValueNode(fields=fields):
                return {one.name.value: self._value(one.value) for one in fields}
            case _:
                return None


def cost_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> int:
    """Return the cost of one operation of a valid document; linear in its length."""
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    costing = Costing(schema=schema, fragments=fragments, variables=variables, known={})
    return costing.of_operation(operation)


def _is_page(type_: object) -> bool:
    return isinstance(type_, GraphQLObjectType) and type_.name.endswith("Connection")


def _is_list(type_: GraphQLOutputType) -> bool:
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    return isinstance(inner, GraphQLList)
