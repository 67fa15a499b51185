"""YAML as definitions and campaigns use it: words, texts, numbers, times and lists.

Aliases may stand for so many values and not for themselves, for a few lines of them can mean billions; types that JSON
does not have are refused.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml

LARGEST = 10**18
MOST_VALUES = 10_000
"""Of a text with aliases, each written out where it is meant."""
_FOREIGN = ("binary", "omap", "pairs", "set")


class InvalidYaml(ValueError):
    """The text is not taken. ``line`` counts from 1, 0 if it is about the whole; ``remedy`` is what to do."""

    def __init__(self, message: str, remedy: str, line: int = 0) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message, self.remedy, self.line = message, remedy, line


def documents(text: str) -> list[Any]:
    """All documents of a text; empty ones are None.

    Raises
    ------
    InvalidYaml
        If it is no YAML, or holds what is refused.
    """
    try:
        return list(yaml.load_all(text, _Reader))
    except yaml.YAMLError as broken:
        what = getattr(broken, "problem", None) or str(broken).partition("\n")[0]
        raise InvalidYaml(f"it is no YAML: {what}", "correct it", _line(broken)) from broken
    except RecursionError as broken:
        raise InvalidYaml("it is nested too deeply", "write it flatter") from broken


def document(text: str) -> Any:
    """The only document of a text, None if it is empty; raises as ``documents``, and if there are several."""
    found = documents(text)
    if len(found) > 1:
        raise InvalidYaml("it holds several documents", "leave one, and take out the lines that are ---")
    return found[0] if found else None


def as_json_takes_it(value: Any) -> Any:
    """YAML reads some times as times, and any value as a name."""
    match value:
        case date():
            return value.isoformat()
        case dict():
            return {str(name): as_json_takes_it(inner) for name, inner in value.items()}
        case list():
            return [as_json_takes_it(inner) for inner in value]
        case _:
            return value


def written(content: Any) -> str:
    """One document as people write it: in the order of its fields, short parts in one line.

    >>> written({"segment": "new", "who": {"orders": {"at_least": 1}}})
    'segment: new\\nwho:\\n  orders: {at_least: 1}\\n'
    """
    return yaml.dump(content, Dumper=_Writer, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)


class _Writer(yaml.SafeDumper):
    """Writes every value out: aliases are for machines. Texts of several lines as such."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Reader(yaml.SafeLoader):
    """``SafeLoader`` with bounded aliases and without foreign types; a value that cannot be is said with its line."""

    yaml_constructors = {  # noqa: RUF012 - as its base has it
        tag: make
        for tag, make in yaml.SafeLoader.yaml_constructors.items()
        if tag is None or tag.rpartition(":")[2] not in _FOREIGN
    }

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._values = 0
        self._within: dict[int, int] = {}
        """By node that is complete: how many values it stands for."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            self._count(self.peek_event())  # type: ignore[no-untyped-call]
            return super().compose_node(parent, index)
        before = self._values
        self._values += 1
        node = super().compose_node(parent, index)
        self._within[id(node)] = self._values - before
        return node

    def _count(self, alias: Any) -> None:
        meant = self.anchors.get(alias.anchor)
        if meant is None:
            return  # said by who reads it
        within = self._within.get(id(meant))
        if within is None:
            raise InvalidYaml(f"&{alias.anchor} refers to itself", "write out what is meant", _at(alias.start_mark))
        self._values += within
        if self._values > MOST_VALUES:
            what = f"with *{alias.anchor} it stands for more than {MOST_VALUES:,} values"
            raise InvalidYaml(what, "write out what is meant", _at(alias.start_mark))

    def construct_object(self, node: Any, deep: Any = False) -> Any:
        try:
            made = super().construct_object(node, deep)
            if isinstance(made, int) and abs(made) > LARGEST:
                raise ValueError("the number is too large")
            if isinstance(made, str):
                made.encode()
        except InvalidYaml:
            raise
        except UnicodeEncodeError as broken:
            what = "it holds half a character (a lone surrogate)"
            raise InvalidYaml(what, "write whole ones", _at(node.start_mark)) from broken
        except ValueError as broken:
            said = str(node.value)[:40]
            raise InvalidYaml(f"{said} is no value: {_short(broken)}", "correct it", _at(node.start_mark)) from broken
        return made


def _short(broken: ValueError) -> str:
    """Python's own sentence, without its advice."""
    return str(broken).partition(":")[0].partition(";")[0]


def _line(broken: yaml.YAMLError) -> int:
    mark = getattr(broken, "problem_mark", None)
    return 0 if mark is None else _at(mark)


def _at(mark: Any) -> int:
    return int(mark.line) + 1
