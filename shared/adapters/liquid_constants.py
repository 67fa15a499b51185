"""Templates in which what is the same in every message of a release stands as text already.

Most names of an e-mail are the shop's colours. They are placed once, and each message places only what is its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

from liquid import RenderContext
from liquid.ast import BlockNode, Node
from liquid.builtin.expressions import Path
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from shared.adapters.liquid_environment import Block, ChoiceNode, LimitedTemplate, LoopNode, TextNode, ValueNode


def filled(template: LimitedTemplate, constants: Mapping[str, Any]) -> LimitedTemplate:
    """A template that renders the same for every view that holds ``constants``.

    Only texts are placed. A name that the template assigns, and whatever cannot be rendered without the rest of the
    view, stays as it is.
    """
    try:
        everything = template.context_class(template)
        taken = set(_own_names(template.nodes, everything))
        known = {name: value for name, value in constants.items() if name not in taken and _is_text(value)}
        context = template.context_class(template, globals=known)
        nodes = _filled(template.nodes, context, known.keys())
    except LiquidError:
        return template
    return LimitedTemplate(template.env, nodes, template.name, template.path)


def _own_names(nodes: Iterable[Node], context: RenderContext) -> Iterator[str]:
    """Names that the template sets itself: ``assign``, ``capture``, ``for``."""
    for node in nodes:
        yield from (str(name) for name in node.template_scope())
        yield from (str(name) for name in node.block_scope())
        yield from _own_names(node.children(context), context)


def _is_text(value: Any) -> bool:
    """Only values of which equal ones are rendered alike: True and 1 are equal."""
    if type(value) is dict:
        return all(map(_is_text, value.values()))
    return value is None or type(value) is str


def _filled(nodes: Iterable[Node], context: RenderContext, known: Iterable[str]) -> list[Node]:
    made: list[Node] = []
    for node in (each for old in nodes for each in _without(old, context, frozenset(known))):
        last = made[-1] if made else None
        if type(node) is TextNode and type(last) is TextNode:
            made[-1] = TextNode(last.token, last.text + node.text)
        else:
            made.append(node)
    return made


def _without(node: Node, context: RenderContext, known: frozenset[str]) -> list[Node]:
    """What stands for the node once the known names have their values."""
    match node:
        case ValueNode(path=[str() as name, *_]) if name in known:
            return _text_of(node, context)
        case ChoiceNode() if not node.alternatives and _asks_only(node.condition, known):
            return _chosen(node, context, known)
        case ChoiceNode():
            default = node.default and _block(node.default, context, known)
            made = ChoiceNode(
                node.token, node.condition, _block(node.consequence, context, known), node.alternatives, default
            )
            made.blank = node.blank
            return [made]
        case LoopNode():
            default = node.default and _block(node.default, context, known)
            return [LoopNode(node.token, node.expression, _block(node.block, context, known), default)]
        case _:
            return [node]


def _text_of(node: ValueNode, context: RenderContext) -> list[Node]:
    pieces = StringIO()
    try:
        node.render(context, pieces)
    except LiquidError:  # a name that the shop does not have: refused when a message is rendered, as ever
        return [node]
    return [TextNode(node.token, pieces.getvalue())]


def _chosen(node: ChoiceNode, context: RenderContext, known: frozenset[str]) -> list[Node]:
    try:
        block = node.consequence if node.condition.evaluate(context) else node.default
    except LiquidError:
        return [node]
    if node.blank or (block is not None and block.blank):
        return [node]  # the library writes nothing of it, but what it assigns counts
    return _filled(block.nodes, context, known) if block is not None else []


def _block(block: BlockNode, context: RenderContext, known: frozenset[str]) -> Block:
    return Block.of(block, block.nodes if block.blank else _filled(block.nodes, context, known))


def _asks_only(expression: Expression, known: frozenset[str]) -> bool:
    """Whether the value depends on known names alone."""
    if isinstance(expression, Path) and expression.path[0] not in known:
        return False
    return all(_asks_only(part, known) for part in expression.children())
