"""DynamoDB's wire format for the few kinds of value that the project stores."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any


def write_value(value: Any) -> dict[str, Any]:
    """A Python value as an AttributeValue. Floats are refused: money and time are integers or text."""
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is int:
        return {"N": str(value)}
    if kind is dict:
        return {"M": write_item(value)}
    if kind is bool:
        return {"BOOL": value}
    if value is None:
        return {"NULL": True}
    return _write_other(value)


def _write_other(value: Any) -> dict[str, Any]:
    """What is rarer, and what only behaves like one of our types (an enumeration of texts)."""
    match value:
        case list() | tuple():
            return {"L": [{"S": item} if type(item) is str else write_value(item) for item in value]}
        case bytes() | bytearray():
            return {"B": base64.b64encode(value).decode()}
        case str():
            return {"S": str.__str__(value)}
        case int():
            return {"N": int.__repr__(value)}
        case Mapping():
            return {"M": write_item(value)}
        case _:
            raise TypeError(f"a table cannot hold {type(value).__name__}")


def read_value(value: Mapping[str, Any]) -> Any:
    """The Python value of an AttributeValue, of answers and of stream images alike."""
    for kind, raw in value.items():
        if kind == "S":
            return raw
        if kind == "N":
            return int(raw)
        if kind == "M":
            return read_item(raw)
        if kind == "L":
            return [item["S"] if "S" in item else read_value(item) for item in raw]
        if kind == "B":
            return base64.b64decode(raw) if isinstance(raw, str) else bytes(raw)
        if kind == "BOOL":
            return raw
        if kind == "NULL":
            return None
        raise TypeError(f"no item of ours holds the type {kind}")
    raise TypeError("an AttributeValue has a type")


def write_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Most values are texts: they take no call of their own."""
    return {name: {"S": value} if type(value) is str else write_value(value) for name, value in item.items()}


def read_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value["S"] if "S" in value else read_value(value) for name, value in item.items()}
