"""Liquid by the shorter ways of ``liquid_environment`` gives what python-liquid itself gives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liquid import Environment, FalsyStrictUndefined, Mode
from liquid.exceptions import LiquidError

from shared.adapters import liquid as limits
from shared.adapters.liquid import LiquidRenderer
from shared.domain.templates.content import Unrenderable
from tests.support.cases import also_long, cases

pytestmark = pytest.mark.unit

OURS = LiquidRenderer()


def plain(html: bool) -> Environment:
    class Limited(Environment):
        output_stream_limit = limits.MAX_OUTPUT
        loop_iteration_limit = limits.MAX_LOOPS
        context_depth_limit = limits.MAX_DEPTH
        local_namespace_limit = limits.MAX_NAMESPACE

    return Limited(autoescape=html, undefined=FalsyStrictUndefined, tolerance=Mode.STRICT)


PLAIN = {html: plain(html) for html in (True, False)}
NAMES = (
    "a", "a.b", "a.b.c", "list", "list.size", "list.first", "list.first.b", "list[0]", "list[9]", "a['b']", "text.size",
    "one", "one.b", "nothing", "number", "yes", "forloop.index", "a.size", "partial", "text.b", "number.b",
    "shop.name", "shop.brand.ink", "shop.none", "shop.unknown", "shop", "shop.flag", "language",
)  # fmt: skip
PIECES = st.sampled_from(
    [
        *(f"{{{{ {name} }}}}" for name in NAMES),
        *(f"{{% if {name} %}}" for name in NAMES),
        "{{ text | truncate: 3 }}", "{{ nothing | default: '<x>' }}", "{{ 'a<b' }}", "{{ 5 }}",
        "{{ number | plus: 1 }}",
        "{% if number > 1 %}", "{% if text == 'a & b' %}", "{% if a.b and list %}", "{% unless yes %}", "{% else %}",
        "{% endif %}", "{% endunless %}", "{% for one in list %}", "{% endfor %}", "{% assign text = a.b %}",
        "{% if shop.name and a.b %}", "{% if shop.name == 'a & b' %}", "{% if language == 'tr' %}",
        "{% if shop.none %}", "{% elsif a.b %}", "{% elsif shop.name %}", "{{ shop.name | truncate: 1 }}",
        "{% assign shop = a %}", "{% for shop in list %}", "{% assign language = a.b %}", "{% break %}",
        "{% if shop[a.b] %}", "{% unless shop.name %}", "{% if list.size > 1 %}",
        "{% for one in a.b %}", "{% for one in list limit: 1 %}", "{% for one in list offset: continue %}",
        "{% for one in list reversed %}", "{% continue %}", "{{ forloop.parentloop.index }}",
        "{% if forloop.index > 1 %}",
        "{% if one.b > 0 %}", "{% capture text %}", "{% endcapture %}", "selam", " ", "\n", "<p>", "ş", "{{- a.b -}}",
    ]
)  # fmt: skip
SCALARS: st.SearchStrategy[Any] = st.sampled_from(["", "a & b", "<i>", "ş", "'\"", None, True, False, 0, 3, 1.5])
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.sampled_from(["b", "c", "size"]), SCALARS)
SHOPS = VALUES | st.fixed_dictionaries(
    {"name": SCALARS, "brand": st.fixed_dictionaries({"ink": SCALARS}), "none": st.just(None)},
    optional={"flag": SCALARS},
)
VIEWS = st.fixed_dictionaries(
    {},
    optional={
        "a": VALUES | st.fixed_dictionaries({"b": VALUES}),
        "list": st.lists(VALUES, max_size=3),
        "text": SCALARS,
        "number": SCALARS,
        "yes": SCALARS,
        "one": VALUES,
        "shop": SHOPS,
        "language": SCALARS | st.sampled_from(["tr", "en"]),
    },
)


def closed(pieces: list[str]) -> str:
    open_blocks: list[str] = []
    for piece in pieces:
        word = piece.strip("{%- }").split(" ")[0] if piece.startswith("{%") else ""
        if word in {"if", "unless", "for", "capture"}:
            open_blocks.append(word)
        elif word.startswith("end") and open_blocks and open_blocks[-1] == word[3:]:
            open_blocks.pop()
    return "".join([*pieces, *(f"{{% end{word} %}}" for word in reversed(open_blocks))])


def by_library(source: str, view: dict[str, Any], html: bool) -> str:
    try:
        return PLAIN[html].from_string(source).render(**view)
    except (LiquidError, RecursionError, ArithmeticError, TypeError, ValueError) as broken:
        return f"Liquid: {type(broken).__name__}"


def by_us(source: str, view: dict[str, Any], html: bool) -> str:
    try:
        return OURS(source, view, html)
    except Unrenderable as broken:
        return str(broken)


@also_long
@cases(100)
@given(pieces=st.lists(PIECES, max_size=8), views=st.lists(VIEWS, min_size=1, max_size=3), html=st.booleans())
def test_what_is_rendered_is_what_the_library_renders(
    pieces: list[str], views: list[dict[str, Any]], html: bool
) -> None:
    """Any template and any views, of one shop or several: the same text, or the same kind of refusal."""
    source = closed(pieces)
    for view in (*views, {**views[-1], **{name: views[0][name] for name in ("a", "text") if name in views[0]}}):
        assert by_us(source, view, html) == by_library(source, view, html), source


@pytest.mark.parametrize("html", [True, False])
@pytest.mark.parametrize(
    "source",
    [
        "{{ shop.flag }}{% if shop.flag %}yes{% endif %}",
        "{% if shop.flag == 1 %}one{% else %}{{ shop.name }}{% endif %}",
        "{% assign shop = a %}{{ shop.name }}",
        "{% for shop in list %}{{ shop.name }}{% endfor %}{{ shop.name }}",
        "{% if shop.name %}{% assign text = a.name %}{% endif %}{{ text }}",
        "{% if shop.unknown %}{{ shop.name }}{% endif %}{{ shop.unknown }}",
        "{% if a.name %}{{ shop.name }}{% elsif shop.name %}{{ shop.name }}!{% endif %}",
        "{% for one in list %}{% if shop.name %}{{ one.name }}{% break %}{% endif %}{% endfor %}",
        "{% if shop[a.key] %}{{ shop[a.key] }}{% endif %}",
    ],
)
def test_what_is_not_the_same_for_all_is_left_to_each_message(source: str, html: bool) -> None:
    """Equal values that are written differently, names that the template sets, what only a whole view decides."""
    shops: list[dict[str, Any]] = [{"name": "K & D", "flag": flag} for flag in (True, 1, 1.0, False, 0, "", None)]
    people = [{"name": "<b>", "key": "name"}, {"name": None, "key": "flag"}, {"name": "x", "key": "none"}]
    for shop in shops:
        for one in people:
            view = {"shop": shop, "a": one, "list": people, "text": "t", "language": "tr"}
            assert by_us(source, view, html) == by_library(source, view, html)


def test_names_that_the_library_has_itself() -> None:
    for source in ("{{ partial }}", "{% if partial %}x{% else %}y{% endif %}", "{{ template }}", "{{ forloop }}"):
        for view in ({}, {"partial": "mine"}):
            assert by_us(source, view, False) == by_library(source, view, False), source


def test_what_a_shop_says_of_itself_is_placed_once() -> None:
    """What is rendered per message has only names of the message left; another shop's message has its own."""
    render = LiquidRenderer()
    source = "{% if shop.name %}{{ shop.name }}{% endif %} {% if language == 'tr' %}selam{% endif %} {{ a }}"
    view: dict[str, Any] = {"shop": {"name": "Kervan"}, "language": "tr", "a": "x"}
    assert render(source, view, True) == "Kervan selam x"
    assert str(render._parse(source, True).with_constants_of({**view, "a": "y"})) == "Kervan selam {{ a }}"
    assert render(source, {**view, "shop": {"name": "Deve"}}, True) == "Deve selam x"
    for name in ("At", "Kuş"):
        view["shop"]["name"] = name  # in the same view
        assert render(source, view, True) == f"{name} selam x"


@pytest.mark.parametrize("piece", ["x", "ş", "😀"])
def test_the_limit_of_a_text_is_in_bytes(piece: str) -> None:
    """A text of just so many bytes is rendered, one byte more is refused; so says the library."""
    size = len(piece.encode())
    fits = limits.MAX_OUTPUT // size
    view = {"text": piece * fits}
    assert by_us("{{ text }}", view, False) == by_library("{{ text }}", view, False) == piece * fits
    rest = "y" * (limits.MAX_OUTPUT - fits * size + 1)
    for source in ("{{ text }}" + rest, "{{ text }}{{ text }}"):
        assert by_us(source, view, False) == by_library(source, view, False) == "Liquid: OutputStreamLimitError"


def nested(depth: int, inner: str) -> str:
    """Loops within loops, each over a list of one."""
    begun = "".join(f"{{% for n{level} in single %}}" for level in range(depth))
    return begun + inner + "{% endfor %}" * depth


EDGES: dict[str, str] = {
    "an empty list has something else": "{% for one in hollow %}{{ one }}{% else %}none{% endfor %}",
    "a name without a list has something else": "{% for one in nobody %}{{ one }}{% else %}none{% endfor %}",
    "a loop goes on where the last one ended": (
        "{% for one in three %}{{ one }}{% endfor %}|{% for one in three offset: continue %}{{ one }}{% endfor %}."
    ),
    "a loop that was left goes on behind it": (
        "{% for one in three %}{% break %}{% endfor %}|{% for one in three offset: continue %}{{ one }}{% endfor %}."
    ),
    "a loop knows the one around it": (
        "{% for one in three %}{% for two in three %}{{ forloop.parentloop.index }}{{ forloop.index }} {% endfor %}"
        "{% endfor %}"
    ),
    "a loop beside another has none around it": (
        "{% for one in three %}x{% endfor %}{% for two in three %}[{{ forloop.parentloop.index }}]{% endfor %}"
    ),
    "a name of a loop ends with it": "{% for one in three %}{{ one }}{% endfor %}{{ one }}{{ forloop.index }}",
    **{f"{depth} loops deep": nested(depth, "x") for depth in range(6, limits.MAX_DEPTH + 3)},
    "just as many rounds as permitted": "{% for one in many %}{% endfor %}x",
    "one round more": "{% for one in more %}x{% endfor %}",
    "more rounds by loops within loops": "{% for one in forty %}{% for two in fifty %}x{% endfor %}{% endfor %}",
    "a number that is just as large": "{% if one > 1 %}more{% else %}not{% endif %}",
    "a number that is larger": "{% if two > 1 %}more{% else %}not{% endif %}",
    "yes is no number": "{% if yes > 0 %}more{% else %}not{% endif %}",
    "a text is no number": "{% if text > 0 %}more{% else %}not{% endif %}",
    "a broken number": "{% if half > 0 %}more{% else %}not{% endif %}",
    "an empty text is true": "{% if blank %}yes{% else %}no{% endif %}",
    "what the shop says decides what is assigned": (
        "{% if shop.name %}{% assign text = 'a' %}{% else %}{% assign text = 'b' %}{% endif %}{{ text }}"
    ),
    "an empty block of the shop's writes nothing": (
        "{% if shop.none %}x{% else %} {% endif %}|{% if shop.name %} {% endif %}|"
    ),
    "of two blocks the empty one is chosen": (
        "{% if shop.name %} {% else %}x{% endif %}|{% if shop.none %}x{% else %}\n{% endif %}|"
        "{% if shop.name %} {% assign text = 'b' %} {% else %}x{% endif %}{{ text }}"
    ),
    "a text of the shop within a loop": (
        "{% for one in three %}{{ shop.name }}{% if shop.none %}x{% endif %}{% endfor %}"
    ),
}


@pytest.mark.parametrize("html", [True, False])
@pytest.mark.parametrize("edge", EDGES)
def test_edges_are_the_library_s(edge: str, html: bool) -> None:
    """Limits of depth and rounds, empty lists, loops within and after loops, numbers at the boundary."""
    view: dict[str, Any] = {
        "hollow": [], "single": [1], "three": ["a", "b", "c"], "many": [0] * limits.MAX_LOOPS,
        "more": [0] * (limits.MAX_LOOPS + 1), "forty": [0] * 40, "fifty": [0] * 51, "one": 1, "two": 2, "yes": True,
        "text": "5", "half": 0.5, "blank": "", "shop": {"name": "K & D", "none": None}, "language": "tr",
    }  # fmt: skip
    source = EDGES[edge]
    assert by_us(source, view, html) == by_library(source, view, html)


def test_the_limit_is_met_in_the_middle_of_a_template() -> None:
    """A large text is refused by its characters before its bytes are counted, wherever it is written."""
    half = "y" * (limits.MAX_OUTPUT // 2)
    for source in ("{% for one in list %}{{ text }}{% endfor %}", "{% if text %}{{ text }}{% endif %}{{ text }}"):
        for many in (2, 3):
            view = {"text": half, "list": [0] * many}
            assert by_us(source, view, False) == by_library(source, view, False)
