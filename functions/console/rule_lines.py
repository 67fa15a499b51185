"""A segment's rule as lines of a form: groups of conditions, each with its fields; and the rule that a form writes.

What cannot be shown as fields without losing something is a line of YAML, so every rule can be edited, and a rule that
nobody touched stays what it was.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.console.rule_fields import Field, Values, read_field, write_field
from shared.adapters.yaml_text import as_json_takes_it, document, written
from shared.domain.messages.request import CHANNELS

MOST_LINES = 60
DEEPEST = 10
YAML = "yaml"
"""The kind of a line that is written in the language itself."""
_PURPOSES = ("marketing", "transactional")
_WITHIN = Field("within", "within", "within")
_MESSAGES = (
    Field("count", "count", ""),
    Field("channel", "choice", "channel", choices=CHANNELS),
    Field("purpose", "choice", "purpose", choices=_PURPOSES),
    _WITHIN,
)


_BY = Field("by", "choice", "by", choices=("human", "machine", "anybody"))


@dataclass(frozen=True, slots=True)
class Kind:
    """A condition that can be chosen; ``node`` is its word in the language."""

    node: str
    fields: tuple[Field, ...]


_CATEGORY, _CHANNEL = Field("category", "names", "category"), Field("on", "names", "channel")
KINDS: dict[str, Kind] = {
    "orders": Kind("orders", (Field("count", "count", "", required=True), _WITHIN, _CATEGORY, _CHANNEL)),
    "spent": Kind("orders", (Field("total", "amount", "total", required=True), _WITHIN, _CATEGORY, _CHANNEL)),
    "average": Kind("orders", (Field("average", "amount", "average", required=True), _WITHIN)),
    "first_order": Kind("orders", (Field("within", "within", "first.within", required=True),)),
    "last_order": Kind("orders", (Field("within", "within", "last.within", required=True), _CATEGORY, _CHANNEL)),
    "overdue": Kind("overdue", (Field("times", "number", "times"),)),
    "cart_items": Kind("cart", (Field("count", "count", "items", required=True),)),
    "cart_value": Kind("cart", (Field("total", "amount", "value", required=True),)),
    "trait": Kind("trait", (Field("trait", "text", "name", required=True), Field("test", "test", "", required=True))),
    "birthday": Kind(
        "anniversary", (Field("when", "choice", "this", required=True, choices=("day", "week", "month")),)
    ),
    "event": Kind("event", (Field("event", "text", "name", required=True), Field("count", "count", ""), _WITHIN)),
    "active": Kind("active", (_CHANNEL, Field("device", "names", "device"), _WITHIN)),
    "opens": Kind("opens", (*_MESSAGES, _BY)),
    "clicks": Kind("clicks", (*_MESSAGES, _BY)),
    "received": Kind("received", _MESSAGES),
    "consent": Kind("consent", (Field("channel", "choice", "channel", required=True, choices=CHANNELS),)),
    "reachable": Kind("reachable", (Field("channel", "choice", "channel", choices=CHANNELS),)),
    "in_segment": Kind("in_segment", (Field("segment", "choice", "", required=True),)),
}
"""In the order in which they are offered; of a node the first that fits is taken."""
STARTS: dict[str, dict[str, str]] = {
    "orders": {"count.word": "at_least", "count.n": "1", "within.u": "d"},
    "first_order": {"within.n": "30", "within.u": "d"},
    "last_order": {"within.n": "30", "within.u": "d"},
    "trait": {"test.word": "is"},
    "birthday": {"when.v": "week"},
    "consent": {"channel.v": "email"},
    "cart_items": {"count.word": "at_least", "count.n": "1"},
    "spent": {"total.word": "at_least"},
    "average": {"average.word": "at_least"},
}
"""What stands in the fields of a condition that was just added."""


@dataclass(slots=True)
class Line:
    """One condition. ``negated``: it must not hold."""

    kind: str
    values: dict[str, str]
    negated: bool = False


@dataclass(slots=True)
class Group:
    """Conditions of which all or any must hold."""

    how: str = "all"
    parts: list[Line | Group] = field(default_factory=list)
    negated: bool = False


def group_of(node: Any) -> Group:
    """The rule of a definition (as JSON) as lines; its outermost group."""
    found = _part(node)
    return found if isinstance(found, Group) and not found.negated else Group("all", [found])


def rule_of(group: Group) -> Any:
    """The rule that these lines write, as JSON; not yet validated. An empty group is an empty list, which no definition
    may hold.

    Raises
    ------
    InvalidYaml
        If a line of YAML is none.
    """
    parts = [rule_of(part) if isinstance(part, Group) else node_of(part) for part in group.parts]
    rule = parts[0] if len(parts) == 1 else {group.how: parts}
    return {"not": rule} if group.negated else rule


def node_of(line: Line) -> Any:
    """One condition as the language writes it."""
    if line.kind == YAML:
        node = as_json_takes_it(document(line.values.get("yaml.v", "")))
    elif line.kind == "in_segment":
        node = {"in_segment": line.values.get("segment.v", "")}
    else:
        kind = KINDS[line.kind]
        rule: dict[str, Any] = {}
        for one in kind.fields:
            write_field(one, line.values, rule)
        node = {kind.node: rule}
    return {"not": node} if line.negated else node


def _part(node: Any, *, negated: bool = False) -> Line | Group:
    match node:
        case {"not": inner} if len(node) == 1:
            return _part(inner, negated=not negated)
        case {"all": [*parts]} if len(node) == 1:
            return Group("all", [_part(one) for one in parts], negated)
        case {"any": [*parts]} if len(node) == 1:
            return Group("any", [_part(one) for one in parts], negated)
        case _:
            line = _line(node)
            line.negated = negated
            return line


def _line(node: Any) -> Line:
    for name, kind in KINDS.items():
        if not isinstance(node, dict) or set(node) != {kind.node}:
            continue
        values = _values(kind, node[kind.node])
        if values is not None:
            line = Line(name, values)
            if node_of(line) == node:
                return line
    return Line(YAML, {"yaml.v": written(node).strip()})


def _values(kind: Kind, rule: Any) -> dict[str, str] | None:
    if kind.node == "in_segment":
        return {"segment.v": rule} if isinstance(rule, str) else None
    if not isinstance(rule, dict):
        return None
    rest: dict[str, Any] = copy.deepcopy(rule)
    values: dict[str, str] = {}
    for one in kind.fields:
        found = read_field(one, rest)
        if found is None and one.required:
            return None
        values |= found or {}
    return None if rest else values


def read_form(form: Values) -> Group:
    """The lines of a form. Names are ``<path>:<field>``; a path is numbers with dots, the outermost group is ``0``."""
    paths = sorted({path for path in (_path(name) for name in form) if path is not None})[:MOST_LINES]
    made: dict[tuple[int, ...], Line | Group] = {}
    for path in paths:
        own = dict(_own(form, path))
        negated = own.get("not", "") == "not"
        part: Line | Group
        if own.get("kind") == "group":
            part = Group("any" if own.get("how") == "any" else "all", [], negated)
        elif own.get("kind") in KINDS or own.get("kind") == YAML:
            part = Line(own["kind"], {name: value for name, value in own.items() if "." in name}, negated)
        else:
            continue
        above = made.get(path[:-1])
        if len(path) > 1 and isinstance(above, Group):
            above.parts.append(part)
        elif len(path) > 1:
            continue
        made[path] = part
    outermost = made.get((0,))
    return outermost if isinstance(outermost, Group) else Group()


def _path(name: str) -> tuple[int, ...] | None:
    path, colon, field_name = name.partition(":")
    steps = path.split(".")
    if not colon or field_name != "kind" or len(steps) > DEEPEST:
        return None
    if not all(step.isascii() and step.isdigit() and len(step) < 4 for step in steps):
        return None
    return tuple(map(int, steps))


def _own(form: Mapping[str, str], path: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    prefix = ".".join(map(str, path)) + ":"
    return ((name[len(prefix) :], value) for name, value in form.items() if name.startswith(prefix))


def change(group: Group, action: str, kind: str) -> None:
    """``add``, ``group`` and ``remove`` with the path of what is meant, such as ``remove:0.1``; others do nothing."""
    what, _, said = action.partition(":")
    path = _path(f"{said}:kind")
    if path is None or path[0] != 0:
        return
    above = _at(group, path if what in ("add", "group") else path[:-1])
    if above is None:
        return
    match what:
        case "add" if kind in KINDS or kind == YAML:
            above.parts.append(Line(kind, dict(STARTS.get(kind, {}))))
        case "group" if len(path) < DEEPEST:
            above.parts.append(Group("any" if above.how == "all" else "all", []))
        case "remove" if path[-1] < len(above.parts):
            del above.parts[path[-1]]


def _at(group: Group, path: tuple[int, ...]) -> Group | None:
    here = group
    for step in path[1:]:
        if step >= len(here.parts):
            return None
        part = here.parts[step]
        if not isinstance(part, Group):
            return None
        here = part
    return here if path else None
