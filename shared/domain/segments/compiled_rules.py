"""What a rule of a node needs that is the same for every customer, computed once per environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_Rule = TypeVar("_Rule")
_Needs = TypeVar("_Needs")
_MOST = 5_000
_known: dict[int, tuple[object, Any]] = {}


def compiled_rule(rule: _Rule, make: Callable[[_Rule], _Needs]) -> _Needs:
    """``make(rule)``, remembered by the very object: definitions never change, and their hash would cost more.

    The rule is kept beside the answer, so that its address is nobody else's.
    """
    found = _known.get(id(rule))
    if found is not None:
        return found[1]  # type: ignore[no-any-return]
    if len(_known) >= _MOST:
        _known.clear()
    needs = make(rule)
    _known[id(rule)] = (rule, needs)
    return needs
