"""The plain text of an e-mail: rendered from a text template, it is what would be made from the message's HTML."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.definitions.release import Release, read_release, write_release
from shared.domain.templates import content
from shared.domain.templates.content import EmailContent, compose
from shared.domain.templates.finish_text import finish_text
from shared.domain.templates.sample import sample_view
from shared.domain.templates.text_alternative import text_alternative
from shared.domain.templates.text_template import text_template
from tests.support.cases import also_long, cases
from tests.unit.notify.world import RENDER, SHOP, TEMPLATES

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("name", "language"), [(name, one) for name, t in TEMPLATES.items() for one in t.html])
def test_the_text_of_a_ready_template_is_what_its_html_says(name: str, language: str) -> None:
    """With and without products, images and a name, with signs that HTML escapes: the same text, letter by letter."""
    template = TEMPLATES[name]
    for products, first_name, image in product((0, 1, 7), ("", "Ayşe <b> & Oğlu"), ("", "https://x.example/a.png")):
        view: dict[str, Any] = {
            **sample_view(template, SHOP, language, products=products, first_name=first_name, image=image),
            "subject": "Konu",
        }
        view["action"] = {**view["action"], "url": "https://x.example/?a=1&copy=2"}
        html = RENDER(template.html[language], view, True)
        assert finish_text(RENDER(template.text_made[language], view, True)) == text_alternative(html)


def test_sending_parses_no_html(monkeypatch: pytest.MonkeyPatch) -> None:
    """A published template is rendered twice, as HTML and as text; after a round trip of the release too."""
    monkeypatch.setattr("shared.domain.templates.text_alternative.text_alternative", _never)
    template = TEMPLATES["cart-reminder"]
    [read] = read_release(write_release(Release(1, SHOP, templates=(template,)))).templates
    made = compose(read, "email", "tr", sample_view(read, SHOP, "tr"), RENDER)
    assert isinstance(made, EmailContent)
    assert "Sepete dön: https://www.kervan.example/cart" in made.text


def _never(_html: str) -> str:
    raise AssertionError("the text was made from the message's HTML")


def test_a_text_of_its_own_goes_first_and_without_any_the_html_is_read() -> None:
    """``email.tr.txt`` is what is sent; a template without either kind of text still has one."""
    template = TEMPLATES["cart-reminder"]
    view = sample_view(template, SHOP, "tr")
    own = template.model_copy(update={"text": {"tr": "Kendi metni & {{ cart.first }}"}})
    none = template.model_copy(update={"text_made": {}})
    texts = [compose(each, "email", "tr", view, RENDER) for each in (own, none, template)]
    assert all(isinstance(each, EmailContent) for each in texts)
    said = [each.text for each in texts if isinstance(each, EmailContent)]
    assert said[0] == "Kendi metni & Keten Gömlek Elbise\n"
    assert said[1] == said[2]


@pytest.mark.parametrize(
    "html",
    [
        "<p style='{% if a %}display:none{% endif %}'>x</p>",
        "<p style='{{ a }}'>x</p>",
        "<{{ a }}>x</{{ a }}>",
        "<p {{ a }}>x</p>",
        "{% if a %}<a href='u'>{% endif %}x</a>",
        "{% for i in b %}<div style='display:none'>{% endfor %}</div>x",
        "<a href='{% if a %}u{% endif %}'>x</a>",
        "<p>x {{- a -}} y</p>",
        "<p>{{ a | append: '<br>' }}</p>",
        "<img alt='{% assign c = a %}'>{{ c }}",
        "<p title='{% if a %}'>x{% endif %}</p>",
        "<!-- {% if a %} -->x<!-- {% endif %} -->",
        "{% capture c %}<p>x</p>{% endcapture %}{{ c }}",
        "{% for i in b %}{% break %}{% endfor %}",
        "{% if a %}x",
        "\x01<p>x</p>",
        "<p style='display:&#32;none'>x</p>",
    ],
)
def test_where_values_decide_what_is_markup_no_text_template_is_made(html: str) -> None:
    """Such a text is made from the HTML of each message: better slow than wrong."""
    assert text_template(html) is None


PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<div>", "</div>", "<br>", "<br/>", "<tr><td>", "</td></tr>", "<td>", "<b>", "</b>", "<ul><li>",
        "<a href='https://x.example/?a=1&amp;b=2'>", "<a href='{{ url }}'>", "<a href='{{ none }}'>", "<a>", "</a>",
        "<div style='display:none'>", "<div style='color:red'>", "<img src='{{ url }}' alt='{{ text }}'>",
        "<td colspan='{% if text %}1{% else %}2{% endif %}'>", "<title>", "</title>", "<!-- {{ text }} -->", "<style>",
        "</style>", "<head>", "</head>",
        "{% if text %}", "{% if none %}", "{% unless none %}", "{% else %}", "{% elsif url %}", "{% endif %}",
        "{% endunless %}", "{% for one in many %}", "{% endfor %}", "{{ one }}", "{% assign one = text %}",
        "{{ text }}", "{{ none }}", "{{ url }}", "{{ text | escape }}", "{{ text | default: 'a' | append: '&lt;' }}",
        "<span>", "</span>", "&#32;",
        "selam", " ", "\n", "  x\n y", "&amp;", "&nbsp;", "&#160;", "&", "1 < 2", "a\u00a0b", "&lt;b&gt;",
    ]
)  # fmt: skip
VALUES = st.sampled_from(["", "Ayşe", "a & b", "<b>x</b>", "&amp;lt;", "  ", '"', "'x'", "a  b", "1 < 2", "&nbsp;"])


def _closed(pieces: list[str]) -> str:
    """The pieces with every block of Liquid closed, so that most of them are templates."""
    open_blocks: list[str] = []
    found = []
    for piece in pieces:
        word = piece.strip("{% }").split(" ")[0] if piece.startswith("{%") else ""
        if word in {"if", "unless", "for"}:
            open_blocks.append(word)
        elif word in {"else", "elsif"} and (not open_blocks or open_blocks[-1] == "for"):
            continue
        elif word.startswith("end"):
            if not open_blocks or open_blocks[-1] != word[3:]:
                continue
            open_blocks.pop()
        found.append(piece)
    return "".join([*found, *(f"{{% end{one} %}}" for one in reversed(open_blocks))])


@also_long
@cases(100)
@given(pieces=st.lists(PIECES, max_size=14), text=VALUES, url=VALUES, many=st.lists(VALUES, max_size=3))
def test_a_text_template_says_what_the_html_says(pieces: list[str], text: str, url: str, many: list[str]) -> None:
    """Any HTML, well-formed or not, with any branches and loops: if a text template is made, its text is the same."""
    html = _closed(pieces)
    made = text_template(html)
    view = {"text": text or None, "url": url or None, "none": None, "many": many, "one": "1"}
    if made is None:
        return
    try:
        rendered = RENDER(html, view, True)
    except content.Unrenderable:
        return
    assert finish_text(RENDER(made, view, True)) == text_alternative(rendered), html


@pytest.mark.parametrize(
    "html",
    [
        "a{% if t %}<b> </b>{% endif %}b",
        "a{% if t %} {% endif %}b",
        "a{% if t %} <!-- x -->{% endif %}b",
        "a{% if t %}<span style='display:none'>x</span> {% endif %}b",
        "a{% if t %}&nbsp;{% endif %}b",
        "a{% if t %}\u00a0{% endif %}b",
        "a{% for i in t %}<b> </b>{% endfor %}b",
    ],
)
def test_a_branch_is_blank_where_that_of_the_html_is(html: str) -> None:
    """Liquid leaves out a branch of nothing but white space, and no other."""
    made = text_template(html)
    assert made is not None
    view = {"t": "1"}
    assert finish_text(RENDER(made, view, True)) == text_alternative(RENDER(html, view, True))


def test_most_templates_have_a_text_template() -> None:
    """The property above is not empty: plain HTML with values, branches and loops is taken."""
    html = "<p>{% if a %}<b>{{ a }}</b>{% endif %}</p>{% for i in b %}<a href='{{ i }}'>{{ i }}</a>{% endfor %}"
    made = text_template(html)
    assert made is not None
    view = {"a": "x & y", "b": ["u", ""]}
    assert finish_text(RENDER(made, view, True)) == "x & y\nu: u\n"
