"""python-liquid with shorter ways for what templates do most: a name of the view, a piece of text.

Whatever is not plain takes the library's own way: names that do not exist, filters, lists, numbers, loops. What is
rendered is the same (``tests/unit/adapters/test_liquid.py`` compares both).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

from liquid import BoundTemplate, Environment, FalsyStrictUndefined, Mode, RenderContext, escape
from liquid.builtin.content import ContentNode, Literal
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import OutputStreamLimitError
from liquid.output import LimitedStringIO
from liquid.stringify import to_liquid_string
from liquid.token import Token
from liquid.undefined import UNDEFINED

_READ_OTHERWISE = frozenset({"size", "first", "last"})


def environment_of(html: bool, *, output: int, loops: int, depth: int, namespace: int) -> Environment:
    """An environment with these limits; ``html``: values are escaped."""

    class Limited(Environment):
        output_stream_limit = output
        loop_iteration_limit = loops
        context_depth_limit = depth
        local_namespace_limit = namespace
        template_class = _Template

    made = Limited(autoescape=html, undefined=FalsyStrictUndefined, tolerance=Mode.STRICT)
    made.add_tag(_Literal)
    made.add_tag(_Output)
    return made


class _Pieces(LimitedStringIO):
    """Keeps the pieces. The limit is in characters here; who renders asks for the bytes of the whole."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._pieces: list[str] = []

    def write(self, piece: str) -> int:
        self.size += len(piece)
        if self.size > self.limit:
            raise OutputStreamLimitError("output stream limit reached", token=None)
        self._pieces.append(piece)
        return len(piece)

    def getvalue(self) -> str:
        return "".join(self._pieces)


class _Context(RenderContext):
    __slots__ = ()

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """A name in plain dictionaries at once; everything else as the library does."""
        try:
            found = self.scope[path[0]]  # type: ignore[index]
            for name in path[1:]:
                if type(found) is not dict or name in _READ_OTHERWISE:
                    return super().get(path, token=token, default=default)
                found = found[name]
        except (KeyError, TypeError):
            return super().get(path, token=token, default=default)
        return found


class _Template(BoundTemplate):
    context_class = _Context

    def make_globals(self, render_args: Mapping[str, object]) -> Mapping[str, object]:
        return super().make_globals(render_args) if self.matter or self.globals else render_args

    def _get_buffer(self) -> _Pieces:
        limit = self.env.output_stream_limit
        assert limit is not None  # noqa: S101  environment_of sets it
        return _Pieces(limit)


class _ContentNode(ContentNode):
    __slots__ = ()

    def render(self, _context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(self.text)


class _Literal(Literal):
    node_class = _ContentNode


class _OutputNode(OutputNode):
    """``{{ name.part }}`` looks the name up; ``path`` is None for what is more than that."""

    __slots__ = ("path", "path_token")

    def __init__(self, token: Token, expression: Any) -> None:
        super().__init__(token, expression)
        plain = isinstance(expression, FilteredExpression) and not expression.filters
        left = expression.left if plain else None
        named = isinstance(left, Path) and all(type(part) is str for part in left.path)
        self.path: list[object] | None = list(left.path) if named and left is not None else None
        self.path_token = left.token if named and left is not None else None

    def render(self, context: RenderContext, buffer: TextIO) -> int:
        path = self.path
        value = self.expression.evaluate(context) if path is None else context.get(path, token=self.path_token)
        if type(value) is str:
            return buffer.write(escape(value) if context.autoescape else value)
        return buffer.write(to_liquid_string(value, context.autoescape))


class _Output(Output):
    node_class = _OutputNode
