"""Why something was not sent, in one line for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.output.tables import when

_TIMES = ("fresh_until", "due_at", "seen_at", "since", "cancelled_at", "refunded_at", "ended_at")


def why(reason: str | None, evidence: Mapping[str, Any] | None) -> str:
    """``unless: The step is left out because ... (case R-7, return, order S-1, 2026-11-26 10:00:00)``."""
    if not reason or not evidence or "rule" not in evidence:
        return reason or ""
    found = "; ".join(_item(one) for one in evidence["found"])
    return f"{reason}: {evidence['rule']['en']}" + (f" ({found})" if found else "")


def _item(item: Mapping[str, str]) -> str:
    more = [
        f"{name.replace('_', ' ')} {when(text) if name in _TIMES else text}"
        for name, text in item.items()
        if name not in {"kind", "id", "at", "what"}
    ]
    kind = f"no {item['what']}" if item["kind"] == "absent" else item["kind"]
    named = f"{kind.replace('_', ' ')} {item.get('id', '')}".strip()
    return ", ".join([named, *more, *([when(item["at"])] if "at" in item else [])])
