"""One renderer for every check of a process: what it parsed once is not parsed again."""

from __future__ import annotations

from functools import cache

from shared.adapters.liquid import LiquidRenderer

KEPT = 1_000
"""Parsed texts: more than the ready definitions have, which are about 300."""


@cache
def renderer() -> LiquidRenderer:
    """Made with the first check."""
    return LiquidRenderer(KEPT)
