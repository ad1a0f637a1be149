"""Documents that were parsed, guarded and validated before cost nothing again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gql.declined import Code, Declined, declined
from gql.errors import report
from gql.guard import Limits, check_document, check_text
from gql.recent import Recent

KEPT: Final = 1_000
# A wrong document is wrong early: the reader mends these and asks again.
MAX_ERRORS: Final = 10
# Strawberry's own rules come on top, as its executor would add them.
_RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Document:
    """A valid document and its operations by name; an unnamed one is under None."""

    node: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to run.

        Raises Declined when the name is unknown, or missing where there are
        several: guessing would run what nobody asked for.
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            message = "The document has several operations: say which in operationName."
            raise declined(message, Code.BAD_INPUT)
        if name not in self.operations:
            raise declined(f'The document has no operation "{name}".', Code.BAD_INPUT)
        return self.operations[name]


class Documents:
    """Reads the text of documents for one schema, and remembers the valid ones."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        """Nothing is read yet."""
        self._schema = schema
        self._limits = limits
        self._known: Recent[str, Document] = Recent(KEPT)

    def read(self, text: str) -> Document:
        """Return the document; the second time at once. Raises Declined."""
        document = self._known.get(text)
        if document is None:
            document = self._read_anew(text)
            self._known.put(text, document)
        return document

    def _read_anew(self, text: str) -> Document:
        try:
            check_text(text, self._limits)
            node = parse(text, no_location=False)
        except GraphQLError as error:
            raise _invalid([error]) from error
        check_document(node, self._limits)
        errors = validate(self._schema, node, _RULES, max_errors=MAX_ERRORS, hide_suggestions=True)
        if errors:
            raise _invalid(errors[:MAX_ERRORS])
        operations = {
            definition.name.value if definition.name else None: definition
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        return Document(node=node, operations=operations)


def _invalid(errors: list[GraphQLError]) -> Declined:
    told = report(errors, correlation_id="", otherwise=Code.GRAPHQL_VALIDATION_FAILED)
    return Declined(told.shown)
