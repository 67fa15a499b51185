"""Explanations and previews of segments as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape

from cli.output.tables import line, table, text, when

_MARKS = {True: "[green]yes[/green]", False: "[red]no[/red] "}
_LISTED = 3


def show_explanation(found: Mapping[str, Any]) -> None:
    line(escape(found["sentence"]))
    line(f"[bold]{escape(found['summary'])}[/bold]")
    _show_node(found["rule"], 0)


def show_preview(found: Mapping[str, Any]) -> None:
    line(escape(found["sentences"]["en"]))
    rows = [("members", _told(found, found["exact"]))]
    rows += [(f"reached by {channel}", _told(told, found["exact"])) for channel, told in found["reachable"].items()]
    table(
        f"{found['segment']} (draft), of {_number(found['customers'], found['exact'])} customers",
        ("", ""),
        rows,
        empty="",
    )
    shown = [(one["identifier"] or one["customer"], when(one["valid_until"])) for one in found["sample"]]
    table("Some of them", ("customer", "holds until (UTC)"), shown, empty="nobody")
    line(f"{found['how'][0].upper()}{found['how'][1:]}.")


def _show_node(node: Mapping[str, Any], depth: int) -> None:
    until = f"  (until {when(node['valid_until'])} UTC)" if node["valid_until"] else ""
    line(f"{'   ' * depth}{_MARKS[node['value']]} {escape(node['sentence'])}{until}")
    for fact in _facts(node["facts"]):
        line(f"{'   ' * depth}    [dim]{escape(fact)}[/dim]")
    for part in node["parts"]:
        _show_node(part, depth + 1)


def _facts(facts: Mapping[str, Any]) -> Iterator[str]:
    """Plain ones on one line, then the first of each list."""
    plain = {name: value for name, value in facts.items() if not isinstance(value, list | dict) and value is not None}
    if plain:
        yield text({name.replace("_", " "): value for name, value in plain.items()})
    for name, value in facts.items():
        if isinstance(value, dict):
            yield f"{name}: {text(value)}"
        elif isinstance(value, list) and value:
            more = f" and {len(value) - _LISTED} more" if len(value) > _LISTED else ""
            yield f"{name}: {'; '.join(text(one) for one in value[:_LISTED])}{more}"


def _told(found: Mapping[str, Any], exact: bool) -> str:
    return f"{found['count']:,}" if exact else f"about {found['count']:,} ({found['low']:,} to {found['high']:,})"


def _number(number: int, exact: bool) -> str:
    return f"{number:,}" if exact else f"about {number:,}"
