"""The JSON Schema of a config: what the host keeps in the component and editors complete by."""

import dataclasses
import typing
from typing import Any, Literal

from lockflight.config import is_required, keys, options


def json_schema(config: type) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a config's dataclass. Its doc and those of its keys become descriptions."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | _table(config)


def _table(config: Any) -> dict[str, Any]:
    properties, required = {}, []
    for name, field, kind, limits in keys(config):
        properties[name] = _limited(_kind(kind), limits) | ({"description": limits.doc} if limits.doc else {})
        if is_required(field):
            required.append(name)
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        if default not in (None, dataclasses.MISSING) and not dataclasses.is_dataclass(default):
            properties[name]["default"] = list(default) if isinstance(default, tuple) else default
    schema = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        schema["required"] = required
    # A dataclass without a doc gets its signature as one.
    if config.__doc__ and not config.__doc__.startswith(f"{config.__name__}("):
        schema["description"] = " ".join(config.__doc__.split())
    return schema


_TYPES: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"}, int: {"type": "integer"}, float: {"type": "number"}, str: {"type": "string"}, Any: {},
}


def _kind(kind: Any) -> dict[str, Any]:
    choices = options(kind)
    if len(choices) > 1:
        return {"anyOf": [_kind(choice) for choice in choices]}
    (kind,) = choices
    origin, arguments = typing.get_origin(kind) or kind, typing.get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if dataclasses.is_dataclass(kind):
        return _table(kind)
    if origin is tuple and arguments[1:] != (...,):
        items = [_kind(argument) for argument in arguments]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if origin in (list, tuple):
        return {"type": "array", "items": _kind(arguments[0]) if arguments else {}}
    if origin is dict:
        return {"type": "object", "additionalProperties": _kind(arguments[1]) if arguments else {}}
    if origin not in _TYPES:
        raise TypeError(f"a config cannot hold a {kind!r}")
    return dict(_TYPES[origin])


_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def _limited(schema: dict[str, Any], limits: Any) -> dict[str, Any]:
    """The schema with the limits, at those of its choices that they bear on."""
    for choice in schema.get("anyOf", [schema]):
        kind = choice.get("type")
        if kind in ("integer", "number"):
            choice |= {word: getattr(limits, bound) for bound, word in _BOUNDS.items() if getattr(limits, bound) is not None}
        suffix = {"string": "Length", "array": "Items", "object": "Properties"}.get(kind)
        if suffix and limits.min_length is not None:
            choice[f"min{suffix}"] = limits.min_length
        if suffix and limits.max_length is not None:
            choice[f"max{suffix}"] = limits.max_length
        if kind == "array" and limits.unique:
            choice["uniqueItems"] = True
    return schema
