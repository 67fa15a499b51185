"""Liquid by python-liquid: parsed once per environment, rendered with limits, imported when first needed.

Cold starts of functions that never render (and imports of this module) do not pay for the library.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from shared.domain.messages.sms_length import to_gsm
from shared.domain.templates.content import Unrenderable

if TYPE_CHECKING:
    from liquid import Environment

    from shared.adapters.liquid_environment import LimitedTemplate

MAX_OUTPUT = 400_000
"""Bytes of a rendered text; mail clients clip far earlier."""
MAX_LOOPS = 2_000
"""Iterations of all loops in one rendering."""
MAX_DEPTH = 12
MAX_NAMESPACE = 100_000
"""Bytes of assigned names."""
MAX_SOURCE = 400_000
FILTERS = frozenset(
    {
        "append", "date", "default", "divided_by", "escape", "first", "gsm", "last", "minus", "modulo", "plus",
        "prepend", "round", "size", "slice", "strip", "times", "truncate", "truncatewords", "url_encode",
    }
)  # fmt: skip
"""Enough to place words. Left out: ``safe`` (would end the escaping), ``upcase`` and its like (wrong for i and ı), and
``replace`` and ``split`` (they multiply a text beyond the limits)."""
_OF_LISTS = frozenset({"size", "first", "last"})
CONSTANT = ("shop", "language")
"""Parts of a view that are the same in all messages of a release and a language: placed once, not in each message."""
KEPT = 256
"""Parsed templates that an environment keeps: more than a shop sends in an hour."""


class _Parsed(Struct):
    """``filled``: constants, and the template in which they are placed; read and replaced as one, for threads."""

    template: LimitedTemplate
    filled: tuple[dict[str, Any], LimitedTemplate] | None = None

    def with_constants_of(self, view: Mapping[str, Any]) -> LimitedTemplate:
        constants = {name: view[name] for name in CONSTANT if name in view}
        known = self.filled
        if known is None or known[0] != constants:
            from shared.adapters.liquid_constants import filled

            kept = deepcopy(constants)
            known = self.filled = (kept, filled(self.template, kept))
        return known[1]


class LiquidRenderer:
    """``Render``: call it with a text, a view, and whether values are escaped for HTML.

    ``kept``: parsed templates that are kept, the newest; that of an e-mail takes some 150 KB, and 30 KB more with what
    the shop says in it.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._environments: dict[bool, Environment] = {}
        self._parsed: OrderedDict[tuple[str, bool], _Parsed] = OrderedDict()

    def __call__(self, source: str, view: Mapping[str, Any], html: bool) -> str:
        if "{" not in source and len(source) <= MAX_OUTPUT // 4:
            return source
        from liquid.exceptions import LiquidError

        try:
            template = self._parse(source, html).with_constants_of(view)
            text = template.render_view(view) if template.text is None else template.text
        except (LiquidError, RecursionError, ArithmeticError, TypeError, ValueError) as broken:
            raise Unrenderable(f"Liquid: {type(broken).__name__}") from broken
        if len(text) > MAX_OUTPUT // 4 and len(text.encode()) > MAX_OUTPUT:
            raise Unrenderable("Liquid: OutputStreamLimitError")
        return text

    def check(self, source: str) -> str | None:
        """Why a text is no Liquid, in one line; None if it parses. For publishing, not for sending."""
        from liquid.exceptions import LiquidError

        try:
            self._template(source, html=False)
        except (LiquidError, RecursionError, ValueError) as broken:
            return str(broken).splitlines()[0][:200]
        return None

    def names(self, source: str) -> set[str]:
        """The dotted names that a text takes from its view, in every branch; names of a loop are its own.

        Empty for what is no Liquid. For publishing, not for sending.
        """
        from liquid.exceptions import LiquidError

        try:
            found = self._template(source, html=False).analyze().globals
        except (LiquidError, RecursionError, ValueError):
            return set()
        return {_dotted(variable.segments) for variables in found.values() for variable in variables}

    def _template(self, source: str, html: bool) -> LimitedTemplate:
        return self._parse(source, html).template

    def _parse(self, source: str, html: bool) -> _Parsed:
        if len(source) > MAX_SOURCE:
            raise ValueError("the template is too long")
        key = (source, html)
        found = self._parsed.get(key)
        if found is None:
            template = cast("LimitedTemplate", self._environment(html).from_string(source))
            found = self._parsed[key] = _Parsed(template)
            if len(self._parsed) > self._kept:
                self._parsed.popitem(last=False)
        else:
            self._parsed.move_to_end(key)
        return found

    def _environment(self, html: bool) -> Environment:
        if html not in self._environments:
            from shared.adapters.liquid_environment import environment_of

            made = environment_of(html, output=MAX_OUTPUT, loops=MAX_LOOPS, depth=MAX_DEPTH, namespace=MAX_NAMESPACE)
            made.filters["gsm"] = _gsm
            made.filters = {name: each for name, each in made.filters.items() if name in FILTERS}
            self._environments[html] = made
        return self._environments[html]


def _dotted(segments: Sequence[object]) -> str:
    """``cart.items`` of ``cart.items[0].name`` and of ``cart.items.size``: what is in a list has no name of its own."""
    names: list[str] = []
    for part in segments:
        if not isinstance(part, str) or (part in _OF_LISTS and len(names) > 1):
            break
        names.append(part)
    return ".".join(names)


def _gsm(value: object) -> str:
    return to_gsm("" if value is None else str(value))
