"""``kervan import ... --dry-run``: what each column becomes, and the first three rows as the API would get them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cli.importing.delimited import read_table
from cli.importing.exports.pinpoint import ENDPOINTS, MAPPING
from cli.importing.exports.rows import columns_of
from cli.importing.people import COLUMNS
from cli.importing.plan import Plan
from cli.importing.rows import Unreadable
from cli.importing.source import Source
from shared.domain.events.refusals import Refused

PEOPLE = 3


def preview(plan: Plan, source: Source) -> dict[str, Any]:
    """The form, the columns with their targets, and the first rows with their events or what is wrong with them."""
    make = plan.make()
    rows: list[dict[str, Any]] = []
    for row in plan.rows(source, lambda: None):
        if len(rows) == PEOPLE:
            break
        if isinstance(row, Unreadable):
            rows.append({"line": row.line, "rejected": row.reason})
            continue
        try:
            rows.append({"line": row.line, "events": [json.loads(event) for event in make(row.content)]})
        except Refused as refused:
            rows.append({"line": row.line, "rejected": str(refused)})
    return {
        "file": str(plan.path),
        "from": plan.export.label if plan.export else "plain",
        "columns": _columns(plan),
        "rows": rows,
        "warnings": [
            {"field": name, "reason": reason, "count": count} for (name, reason), count in plan.warnings.items()
        ],
    }


def said(found: dict[str, Any]) -> Iterator[str]:
    """The same as lines for a person."""
    yield f"{found['file']}: {found['from']}. Nothing was sent."
    width = max((len(one["column"]) for one in found["columns"]), default=0)
    for one in found["columns"]:
        yield _visible(f"  {one['column']:<{width}}  {one['becomes']}")
    for row in found["rows"]:
        yield f"line {row['line']}:" + (f" rejected, {row['rejected']}" if "rejected" in row else "")
        for event in row.get("events", ()):
            yield "  " + json.dumps(_short(event), ensure_ascii=False)
    for one in found["warnings"]:
        yield _visible(f"not used: {one['field']} {one['reason']}")


def _visible(text: str) -> str:
    """Names of columns are the file's: what would move the cursor or colour the screen is not printed."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _columns(plan: Plan) -> list[dict[str, str]]:
    if plan.export is ENDPOINTS:
        return [{"column": column, "becomes": target} for column, target in MAPPING]
    if plan.format == "ndjson":
        return []
    with Source(plan.path) as source:
        names = [column.name for column in read_table(source, plan.encoding, columns_of).columns if column.name]
    if plan.export is None:
        return [{"column": name, "becomes": _plain(name, plan.kind)} for name in names]
    return [{"column": name, "becomes": _target(plan.export.target(name))} for name in names]


def _target(target: str) -> str:
    return f"trait {target.removeprefix('own ')}" if target.startswith("own ") else target


def _plain(name: str, kind: str) -> str:
    who = COLUMNS.get(name.lower())
    if who is not None:
        return who
    return {"customers": f"trait {name}", "events": f"{name} of the event"}.get(kind, name)


def _short(event: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing to a person."""
    hidden = {"messageId"}
    context = {name: value for name, value in event.get("context", {}).items() if name not in {"active", "history"}}
    short = {name: value for name, value in event.items() if name not in hidden | {"context"}}
    return short | ({"context": context} if context else {})
