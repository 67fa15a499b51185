"""The key conditions of our own queries, evaluated without parsing them anew for each item.

MiniStack parses and checks a condition once per item of a partition, which is most of what a query costs it.
Conditions of any other form, and all other expressions, are left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
Evaluate = Callable[..., bool]

FORM = re.compile(
    r"(?P<p>#\w+) = (?P<pv>:\w+)"
    r"(?: AND (?:(?P<s>#\w+) (?P<op><|>=) (?P<v>:\w+)"
    r"|(?P<bs>#\w+) BETWEEN (?P<low>:\w+) AND (?P<high>:\w+)"
    r"|begins_with\((?P<ps>#\w+), (?P<prefix>:\w+)\)))?"
)
"""What ``shared.adapters.dynamo`` writes."""
SLOT = "KeyConditionExpression"


def with_fast_keys(evaluate: Evaluate) -> Evaluate:
    """Wraps MiniStack's evaluator of conditions; the answers are the same.

    DynamoDB compares text by its UTF-8 bytes, Python by code points: that is one order.
    """
    parsed: dict[str, re.Match[str] | None] = {}

    def evaluated(expr: str, item: Item, values: Any, names: Any, slot: str = "ConditionExpression") -> bool:
        if slot != SLOT:
            return evaluate(expr, item, values, names, slot)
        if expr not in parsed:
            parsed[expr] = FORM.fullmatch(expr)
        form = parsed[expr]
        found = None if form is None else _holds(form, item, values, names)
        return evaluate(expr, item, values, names, slot) if found is None else found

    return evaluated


def _holds(form: re.Match[str], item: Item, values: Mapping[str, Any], names: Mapping[str, str]) -> bool | None:
    """None if a name, a value or its type is not what these conditions have: the emulator knows what to say."""
    try:
        wanted = values[form["pv"]]["S"]
        found = item[names[form["p"]]]["S"]
        sort_name = form["s"] or form["bs"] or form["ps"]
        if sort_name is None:
            return bool(found == wanted)
        sort = item[names[sort_name]]["S"]
        if form["op"]:
            bound = values[form["v"]]["S"]
            holds = sort < bound if form["op"] == "<" else sort >= bound
        elif form["low"]:
            low, high = values[form["low"]]["S"], values[form["high"]]["S"]
            if low > high:
                return None
            holds = low <= sort <= high
        else:
            holds = sort.startswith(values[form["prefix"]]["S"])
    except (KeyError, TypeError):
        return None
    return bool(found == wanted and holds)
