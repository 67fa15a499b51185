"""Sentences that a module says, read out of its code."""

from __future__ import annotations

import ast


def written(node: ast.expr) -> str | None:
    """A text as it would be said, with '7' in the place of each value; None where it is made elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr():
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "'7'" for part in node.values)
        case _:
            return None
