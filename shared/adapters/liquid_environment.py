"""python-liquid with shorter ways for what templates do most: a name of the view, a piece of text.

Whatever is not plain takes the library's own way: names that do not exist, filters, lists, numbers, loops. What is
rendered is the same (``tests/unit/adapters/test_liquid.py`` compares both).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from liquid import BoundTemplate, Environment, FalsyStrictUndefined, Mode, RenderContext
from liquid.ast import BlockNode, ConditionalBlockNode
from liquid.builtin.content import ContentNode, Literal
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.logical import GtExpression, is_truthy
from liquid.builtin.expressions.primitive import IntegerLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.for_tag import ForLoop, ForNode, ForTag
from liquid.builtin.tags.if_tag import IfNode, IfTag
from liquid.exceptions import BreakLoop, ContinueLoop, LiquidInterrupt, LiquidSyntaxError, OutputStreamLimitError
from liquid.expression import Expression
from liquid.output import LimitedStringIO
from liquid.stringify import to_liquid_string
from liquid.token import Token
from liquid.undefined import UNDEFINED
from liquid.utils import ReadOnlyChainMap

_READ_OTHERWISE = frozenset({"size", "first", "last"})
_PLAIN = frozenset({str, int, float, bool, type(None), list, dict})
"""Types that are true or false by themselves: everything but None and False is true."""


def environment_of(html: bool, *, output: int, loops: int, depth: int, namespace: int) -> Environment:
    """An environment with these limits; ``html``: values are escaped."""

    class Limited(Environment):
        output_stream_limit = output
        loop_iteration_limit = loops
        context_depth_limit = depth
        local_namespace_limit = namespace
        template_class = LimitedTemplate

    made = Limited(autoescape=html, undefined=FalsyStrictUndefined, tolerance=Mode.STRICT)
    for tag in (_Literal, _Output, _If, _For):
        made.add_tag(tag)
    return made


class _Pieces(LimitedStringIO):
    """Keeps the pieces. The limit is in characters here; who renders asks for the bytes of the whole."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.pieces: list[str] = []

    def write(self, piece: str) -> int:
        self.size += len(piece)
        self.check()
        self.pieces.append(piece)
        return len(piece)

    def check(self) -> None:
        if self.size > self.limit:
            raise OutputStreamLimitError("output stream limit reached", token=None)

    def getvalue(self) -> str:
        return "".join(self.pieces)


class _Scope(ReadOnlyChainMap):
    @property
    def maps(self) -> Iterable[Mapping[str, object]]:
        """The names, those that hide others first."""
        return self._maps


class _Context(RenderContext):
    __slots__ = ()
    scope: _Scope

    def __init__(self, template: BoundTemplate, **more: Any) -> None:
        super().__init__(template, **more)
        self.scope = _Scope(*self.scope._maps)  # the same dictionaries, asked without exceptions

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """A name in plain dictionaries at once; everything else as the library does."""
        root, *parts = path
        try:
            for names in self.scope.maps:
                if root in names:
                    found = names[root]  # type: ignore[index]
                    break
            else:
                return super().get(path, token=token, default=default)
            for name in parts:
                if type(found) is not dict or name in _READ_OTHERWISE:
                    return super().get(path, token=token, default=default)
                found = found[name]
        except (KeyError, TypeError):
            return super().get(path, token=token, default=default)
        return found


class LimitedTemplate(BoundTemplate):
    """``text``: what it renders to whatever the view holds; None if that depends on the view."""

    context_class = _Context

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        fixed = all(type(node) is TextNode for node in self.nodes)
        self.text = "".join(node.text for node in self.nodes if isinstance(node, TextNode)) if fixed else None

    def render_view(self, view: Mapping[str, object]) -> str:
        """As ``render``, for a view that holds all names."""
        context, buffer = _Context(self, globals=view), self._get_buffer()
        context.scope.push(self.make_partial_namespace(False, {}))  # the library renders one level deep
        try:
            _render_nodes(self.nodes, context, buffer)
        except LiquidInterrupt as outside:  # a break that stands in no loop
            raise LiquidSyntaxError(f"unexpected '{outside}'", token=None) from outside
        return buffer.getvalue()

    def _get_buffer(self) -> _Pieces:
        limit = self.env.output_stream_limit
        assert limit is not None  # noqa: S101  environment_of sets it
        return _Pieces(limit)


def _render_nodes(nodes: list[Any], context: RenderContext, buffer: _Pieces) -> int:
    """Renders nodes in turn, and returns how many characters they wrote. Texts and names are most of a message, so
    they take the shortest way."""
    before = buffer.size
    for node in nodes:
        kind = type(node)
        if kind is TextNode:
            piece = node.text
        elif kind is ValueNode:
            piece = node.piece(context)
        else:
            node.render(context, buffer)
            continue
        buffer.pieces.append(piece)
        buffer.size += len(piece)
    buffer.check()
    return buffer.size - before


class TextNode(ContentNode):
    """A piece of text."""

    __slots__ = ()

    def render(self, _context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(self.text)


class _Literal(Literal):
    node_class = TextNode


class ValueNode(OutputNode):
    """``{{ name.part }}`` looks the name up; ``path`` is None for what is more than that."""

    __slots__ = ("path", "path_token")

    def __init__(self, token: Token, expression: Any) -> None:
        super().__init__(token, expression)
        plain = isinstance(expression, FilteredExpression) and not expression.filters
        self.path, self.path_token = _plain_path(expression.left if plain else None)

    def piece(self, context: RenderContext) -> str:
        """The value as text."""
        path = self.path
        value = self.expression.evaluate(context) if path is None else context.get(path, token=self.path_token)
        if type(value) is str:
            return _escaped(value) if context.autoescape else value
        return to_liquid_string(value, context.autoescape)

    def render(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(self.piece(context))


class _Output(Output):
    node_class = ValueNode


class Block(BlockNode):
    """The nodes between two tags; a blank block is rendered as the library does."""

    __slots__ = ()

    @classmethod
    def of(cls, block: BlockNode, nodes: list[Any] | None = None) -> Block:
        """The same block, or the block with other nodes that write the same."""
        made = cls(block.token, block.nodes if nodes is None else nodes)
        made.blank = block.blank
        return made

    def render(self, context: RenderContext, buffer: TextIO) -> int:
        if self.blank or context.disabled_tags:
            return super().render(context, buffer)
        if type(buffer) is _Pieces:
            return _render_nodes(self.nodes, context, buffer)
        return sum(node.render(context, buffer) for node in self.nodes)


class ChoiceNode(IfNode):
    """``{% if name.part %}`` and ``{% if name.part > 4 %}`` look the name up; ``path`` is None for a condition that is
    more than that. ``above``: the number to compare with, if there is one."""

    __slots__ = ("above", "path", "path_token")

    def __init__(
        self,
        token: Token,
        condition: Expression,
        consequence: BlockNode,
        alternatives: list[ConditionalBlockNode],
        default: BlockNode | None,
    ) -> None:
        super().__init__(token, condition, consequence, alternatives, default)
        self.consequence = Block.of(self.consequence)
        self.default = Block.of(self.default) if self.default else None
        asked = getattr(condition, "expression", None)
        self.above: int | None = None
        if isinstance(asked, GtExpression) and isinstance(asked.right, IntegerLiteral):
            self.above, asked = asked.right.value, asked.left
        self.path, self.path_token = _plain_path(asked)

    def render(self, context: RenderContext, buffer: TextIO) -> int:
        if self.path is None or context.disabled_tags:
            return super().render(context, buffer)
        value = context.get(self.path, token=self.path_token)
        holds: object
        if self.above is None:
            holds = (value is not None and value is not False) if type(value) in _PLAIN else is_truthy(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            holds = value > self.above
        else:
            holds = self.condition.evaluate(context)
        if holds:
            return self.consequence.render(context, buffer)
        for alternative in self.alternatives:
            if alternative.expression.evaluate(context):
                return alternative.block.render(context, buffer)
        return self.default.render(context, buffer) if self.default else 0


class _If(IfTag):
    node_class = ChoiceNode


class LoopNode(ForNode):
    """``{% for one in name.part %}`` over a list; ``path`` is None for a loop that is more than that."""

    __slots__ = ("name", "path", "path_token", "title")

    def __init__(self, token: Token, expression: Any, block: BlockNode, default: BlockNode | None = None) -> None:
        super().__init__(token, expression, Block.of(block), Block.of(default) if default else None)
        plain = not (expression.limit or expression.offset or expression.reversed)
        self.path, self.path_token = _plain_path(expression.iterable if plain else None)
        self.name = str.__str__(expression.identifier)  # a plain text: the library's kind is compared slowly
        self.title = f"{expression.identifier}-{expression.iterable}"

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        found = None if self.path is None else context.get(self.path, token=self.path_token)
        if type(found) is not list or not found or context.scope.size() > (context.env.context_depth_limit or 0):
            return super().render_to_output(context, buffer)
        context.stopindex(self.title, len(found))
        loop = ForLoop(self.title, iter(found), len(found), context.parentloop())
        context.raise_for_loop_limit(len(found))
        names: dict[str, object] = {"forloop": loop, self.name: None}
        context.loops.append(loop)
        context.scope.push(names)
        written = 0
        try:
            for names[self.name] in loop:
                try:
                    written += self.block.render(context, buffer)
                except ContinueLoop:
                    continue
                except BreakLoop:
                    break
        finally:
            context.scope.pop()
            context.loops.pop()
        return written


class _For(ForTag):
    node_class = LoopNode


def _plain_path(expression: object) -> tuple[list[object] | None, Token | None]:
    """The names of a path without numbers and paths inside; None for anything else."""
    if isinstance(expression, Path) and all(type(part) is str for part in expression.path):
        return list(expression.path), expression.token
    return None, None


def _escaped(text: str) -> str:
    """As ``markupsafe.escape``, which takes three times as long to make its own kind of text."""
    text = text.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;")
    return text.replace("'", "&#39;").replace('"', "&#34;")
