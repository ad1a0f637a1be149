"""As much of JSON Schema as the schema of a policy file uses."""

import re
from typing import Any


def conforms(value: Any, schema: dict[str, Any]) -> bool:  # noqa: ANN401 — any JSON
    """Say whether a value is what a schema asks for."""
    if "oneOf" in schema:
        return sum(conforms(value, one) for one in schema["oneOf"]) == 1
    if "const" in schema:
        return bool(value == schema["const"])
    if "enum" in schema:
        return value in schema["enum"]
    return bool(_OF_TYPE[schema["type"]](value, schema))


def _is_text(value: Any, schema: dict[str, Any]) -> bool:  # noqa: ANN401 — any JSON
    return isinstance(value, str) and re.search(schema["pattern"], value) is not None


def _is_number(value: Any, schema: dict[str, Any]) -> bool:  # noqa: ANN401 — any JSON
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and schema["exclusiveMinimum"] < value < schema["exclusiveMaximum"]


def _is_list(value: Any, schema: dict[str, Any]) -> bool:  # noqa: ANN401 — any JSON
    return (
        isinstance(value, list)
        and schema["minItems"] <= len(value) <= schema.get("maxItems", len(value))
        and all(value.count(one) == 1 for one in value)
        and all(conforms(one, schema["items"]) for one in value)
    )


def _is_table(value: Any, schema: dict[str, Any]) -> bool:  # noqa: ANN401 — any JSON
    if not isinstance(value, dict) or not set(schema.get("required", ())) <= set(value):
        return False
    return all(_has(schema, str(key), one) for key, one in value.items())


def _has(schema: dict[str, Any], key: str, value: Any) -> bool:  # noqa: ANN401 — any JSON
    if key in schema.get("properties", {}):
        return conforms(value, schema["properties"][key])
    patterns = schema.get("patternProperties", {})
    return any(re.search(keys, key) and conforms(value, one) for keys, one in patterns.items())


_OF_TYPE = {"string": _is_text, "number": _is_number, "array": _is_list, "object": _is_table}
