"""Templates: the ready ones keep the rules, broken ones are told why, and no value of an event breaks a message."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cli.definitions.mjml import InvalidMjml, compile_mjml
from cli.definitions.templates import InvalidTemplate, read_parts, read_template
from shared.domain.messages.sms_length import sms_length, to_gsm
from shared.domain.profile.profile import Cart, Line, Trait
from shared.domain.templates.content import EmailContent, PushContent, SmsContent, Unrenderable, compose
from shared.domain.templates.definition import PushText, Template, choose_language
from shared.domain.templates.display_values import shop_url
from shared.domain.templates.formats import moment_text, money
from shared.domain.templates.rules import problems
from shared.domain.templates.sample import NOW, _profile, _request, sample_view
from shared.domain.templates.text_alternative import text_alternative
from shared.domain.templates.view import Reader, view_of
from tests.support.cases import also_long, cases
from tests.unit.notify.world import RENDER, ROOT, SHOP, TEMPLATES

pytestmark = pytest.mark.unit

READER = Reader("tr", ZoneInfo("Europe/Istanbul"), NOW, "https://api.example/v1/unsubscribe/x")


def test_liquid_survives_compilation_and_the_layout_has_one_column() -> None:
    """The compiled HTML still holds the tags, sets the language, adapts to phones and loads nothing from elsewhere."""
    html = TEMPLATES["cart-reminder"].html["tr"]
    assert "{% for item in cart.items %}" in html
    assert 'lang="tr"' in html
    assert "max-width:600px" in html
    assert "fonts.googleapis" not in html
    assert html.count("{{ action.url }}") == 1


def test_a_stranger_may_not_speak_through_a_product() -> None:
    """Names are escaped, links lead to the shop, images are https, controls and line breaks never reach a subject."""
    lines = (
        Line(
            "p1",
            1,
            NOW,
            {"name": "<script>alert(1)</script>", "url": "https://evil.example/", "image_url": "http://x/"},
        ),
        Line("p2", 1, NOW, {"name": "{{ shop.name }}\r\nBcc: a@b.c", "url": "javascript:alert(1)", "price": "NaN"}),
    )
    traits = {"first_name": Trait("Ay\r\nşe\u202e", NOW, trusted=False)}
    profile = replace(_profile(0, "", ""), cart=Cart(lines, NOW), traits=traits)
    template = TEMPLATES["cart-reminder"]
    content = compose(template, "email", "tr", view_of(profile, SHOP, _request(template), template, READER), RENDER)
    assert isinstance(content, EmailContent)
    assert "<script>" not in content.html
    assert "evil.example" not in content.html
    assert "javascript:" not in content.html
    assert "{{ shop.name }}" in content.html
    assert content.subject == "Ay şe, sepetiniz sizi bekliyor"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300) | st.just("https://www.kervan.example/p"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@also_long
@cases(26)
@given(
    details=st.dictionaries(
        st.sampled_from(["name", "price", "currency", "url", "image_url", "brand", "variant"]), values, max_size=7
    ),
    name=values,
    channel=st.sampled_from(["email", "sms", "push"]),
)
def test_whatever_an_event_says_a_message_is_whole_or_not_made(
    details: dict[str, Any], name: Any, channel: str
) -> None:
    """Any JSON as a product and a name: rendering gives a clean message, or refuses; it never raises anything else."""
    profile = replace(
        _profile(1, "", ""),
        cart=Cart((Line("p", 1, NOW, details),), NOW),
        traits={"first_name": Trait(name, NOW, trusted=False)},
    )
    template = TEMPLATES["cart-reminder"]
    view = view_of(profile, SHOP, _request(template), template, READER)
    try:
        content = compose(template, channel, "tr", view, RENDER)
    except Unrenderable:
        return
    match content:
        case EmailContent():
            assert "\n" not in content.subject
            assert "None" not in content.subject
        case SmsContent():
            assert sms_length(content.text).parts <= 3
        case PushContent():
            assert 0 < len(content.title) <= 50


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("{{ customer.nickname }}", "UndefinedError"),
        ("{{ nothing }}", "UndefinedError"),
        ("{% for i in (1..999999) %}x{% endfor %}", "LoopIterationLimitError"),
        ("{% include 'other' %}", "TemplateNotFoundError"),
        ("{{ shop.name | safe }}", "UnknownFilterError"),
        ("{% if %}", "LiquidSyntaxError"),
    ],
)
def test_a_broken_template_never_reaches_a_customer(source: str, word: str) -> None:
    """A name that does not exist, a loop without end, an include: no message, and a reason in one word."""
    template = TEMPLATES["cart-reminder"].model_copy(update={"sms": {"tr": source}})
    with pytest.raises(Unrenderable, match=word):
        compose(template, "sms", "tr", sample_view(template, SHOP, "tr"), RENDER)


def told(change: dict[str, Any], name: str = "cart-reminder") -> list[str]:
    template = Template.model_validate(TEMPLATES[name].model_dump() | change)
    return [f"{found.path}: {found.message}" for found in problems(template, SHOP, RENDER, RENDER.names)]


def test_a_name_that_does_not_exist_is_found_where_nobody_reads_it() -> None:
    """In a branch that no made-up customer takes, in each language by itself, with the name that was meant."""
    html = TEMPLATES["cart-reminder"].html
    hidden = "{% if cart.count > 90 %}{{ customer.frist_name }}{% endif %}"
    found = told({"html": html | {"tr": html["tr"].replace("</body>", hidden + "</body>")}})
    assert found == ["email.tr.mjml: customer.frist_name is no name that templates know"]
    assert told({"sms": {"tr": "{{ cart.first }}{% if cart.colour %}x{% endif %}", "en": "{{ cart.first }}"}}) == [
        "sms.tr.txt: cart.colour is no name that templates know"
    ]
    assert RENDER.names("{% for i in order.items %}{{ i.x }}{{ forloop.index }}{% endfor %}{{ cart.items[0].x }}") == {
        "order.items",
        "cart.items",
    }


def test_rules_name_the_file_and_what_is_wrong() -> None:
    """Each rule of M16 speaks up when it is broken, and says where."""
    html = TEMPLATES["cart-reminder"].html
    assert any(
        "sms.tr.txt: it begins with a greeting" in one for one in told({"sms": {"tr": "Merhaba {{ cart.first }}"}})
    )
    assert any("may be blocked" in one for one in told({"sms": {"tr": "Sepetin: {{ cart.url }}"}}))
    assert any(
        "it takes 2 parts" in one and "ucs-2" in one for one in told({"sms": {"tr": "ş" * 80 + "{{ cart.first }}"}})
    )
    assert any(
        "title has 60 characters" in one
        for one in told({"push": {"tr": PushText(title="x" * 60, body="b").model_dump()}})
    )
    twice = {"html": html | {"tr": html["tr"].replace("</body>", '<a href="{{ action.url }}">x</a></body>')}}
    assert any("email.tr.mjml: it has 2 calls to action" in one for one in told(twice))
    silent = {"html": html | {"tr": html["tr"].replace("{{ unsubscribe.url }}", "#")}}
    assert any("needs a way to refuse" in one for one in told(silent))
    assert any("needs the MERSIS number" in one for one in told({"html": {"tr": "<p>{{ cart.first }}</p>"}}))
    assert any(
        "says nothing personal" in one for one in told({"html": {"tr": "<p>x</p>"}, "subject": {"tr": "Indirim"}})
    )
    assert any("not served in en" in one for one in told({"sms": {"tr": "Sepetin {{ cart.first }}"}}))
    assert any(
        "action.text has no en" in one for one in told({"action": {"text": {"tr": "Git"}, "url": "https://x.example"}})
    )
    assert any("may promote nothing" in one for one in told({"purpose": "transactional"}, "cart-offer"))
    forgotten = told({"needs": ["cart.items"], "sms": {"tr": "Sepetiniz: {{ order.number }}", "en": "x"}})
    assert any("sms.tr.txt: order.number is used and not needed" in one for one in forgotten)
    assert any("cannot be rendered" in one for one in told({"subject": {"tr": "{{ custmer.name }}", "en": "x"}}))


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("hello", "not well-formed"),
        ("<mjml><mj-head></mj-head></mjml>", "with an <mj-body>"),
        ("<mjml><mj-body><mj-colum></mj-colum></mj-body></mjml>", "no element <mj-colum>"),
        ("<mjml><mj-body><mj-section><mj-column/><mj-column/></mj-section></mj-body></mjml>", "several columns"),
        ('<mjml><mj-body><mj-include path="x" /></mj-body></mjml>', "no part 'x'"),
        ("<mjml><mj-body><mj-text>a&nbsp;b</mj-text></mj-body></mjml>", "instead of '&nbsp"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><mjml><mj-body/></mjml>', "no document type"),
    ],
)
def test_broken_mjml_is_told_in_one_line(source: str, what: str) -> None:
    """Publishing refuses what would not become an e-mail of one column, and says what to change."""
    with pytest.raises(InvalidMjml, match=what) as told_why:
        compile_mjml(source)
    assert "\n" not in str(told_why.value)


def test_a_folder_that_is_no_template_names_its_file(tmp_path: Path) -> None:
    """A wrong word in template.yaml, a missing file and a wrong folder name are errors with path and remedy."""
    parts = read_parts(ROOT / "definitions" / "templates" / "parts")
    folder = tmp_path / "hello"
    folder.mkdir()
    with pytest.raises(InvalidTemplate, match="the file is missing"):
        read_template(folder, parts)
    good = "template: hello\npurpose: marketing\naction: {text: {tr: Git}, url: x}\n"
    (folder / "template.yaml").write_text(good + "colour: red\n")
    with pytest.raises(InvalidTemplate, match=r"template.yaml: colour"):
        read_template(folder, parts)
    (folder / "template.yaml").write_text(good.replace("hello", "other"))
    with pytest.raises(InvalidTemplate, match="different names"):
        read_template(folder, parts)
    (folder / "template.yaml").write_text("a: [")
    with pytest.raises(InvalidTemplate, match="no YAML"):
        read_template(folder, parts)


def test_money_and_time_as_people_write_them() -> None:
    """Turkish and English forms, rounding half up, currencies without cents, local time."""
    assert money(Decimal("1299.9"), "TRY", "tr") == "1.299,90 TL"
    assert money(Decimal("1299.9"), "TRY", "en") == "TRY 1,299.90"
    assert money(Decimal("0.005"), "EUR", "tr") == "0,01 EUR"
    assert money(Decimal("1500.4"), "JPY", "en") == "JPY 1,500"
    when = datetime(2026, 11, 25, 21, 30, tzinfo=UTC)
    assert moment_text(when, ZoneInfo("Europe/Istanbul"), "tr") == "26 Kasım 2026, 00:30"
    assert moment_text(when, ZoneInfo("UTC"), "en") == "25 November 2026, 21:30"


def test_the_plain_text_of_an_email_leaves_nothing_visible_out() -> None:
    """Hidden preheaders, styles and head are gone; links keep their address; entities are letters."""
    html = (
        "<html><head><title>t</title><style>p{}</style></head><body><div style='display:none'>x<b>y</b></div>"
        "<p>Merhaba&nbsp;&amp; selam</p><a href='https://a.example'><img src='i'></a><a href='https://b.example'>Git</a>"
    )
    assert text_alternative(html) == "Merhaba & selam\nGit: https://b.example\n"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://kervan.example/p/1", True),
        ("https://m.kervan.example/p/1", True),
        ("https://kervan.example.evil.com/", False),
        ("https://evilkervan.example/", False),
        ("http://kervan.example/p/1", False),
        ("https://kervan.example@evil.com/", False),
        ("//kervan.example/", False),
        ("https://[::1/", False),
    ],
)
def test_product_links_stay_with_the_shop(url: str, kept: bool) -> None:
    """Only links to the shop's own host or below it are kept."""
    assert (shop_url(url, SHOP) == url) is kept


def test_language_is_the_customers_if_it_is_served() -> None:
    """A full locale counts by its language; an unknown one falls back to the shop's first that is served."""
    assert choose_language("en-GB", ("en", "tr"), ("tr", "en")) == "en"
    assert choose_language("de_DE", ("en", "tr"), ("tr", "en")) == "en"
    assert choose_language("de_DE", ("tr",), ("tr", "en")) == "tr"
    assert choose_language("de_DE", ("en", "tr"), ("tr",)) == "tr"
    assert choose_language("tr", ("en",), ("fr", "tr", "en")) == "en"
    assert choose_language("", ("en", "tr"), ("tr", "en")) == "tr"
    assert choose_language("", ("en",), ("tr",)) is None


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "gsm-7", 0, 0),
        ("a" * 160, "gsm-7", 160, 1),
        ("a" * 161, "gsm-7", 161, 2),
        ("a" * 306, "gsm-7", 306, 2),
        ("a" * 307, "gsm-7", 307, 3),
        ("a" * 459, "gsm-7", 459, 3),
        ("a" * 460, "gsm-7", 460, 4),
        ("€" * 80, "gsm-7", 160, 1),
        ("a" * 152 + "€" + "a" * 10, "gsm-7", 164, 2),
        ("ÖöÜüÇ" * 32, "gsm-7", 160, 1),
        ("ş" * 70, "ucs-2", 70, 1),
        ("ş" * 71, "ucs-2", 71, 2),
        ("ş" * 134, "ucs-2", 134, 2),
        ("ş" * 135, "ucs-2", 135, 3),
        ("😀" * 35, "ucs-2", 70, 1),
        ("😀" * 67, "ucs-2", 134, 3),
    ],
)
def test_length_of_text_messages(text: str, encoding: str, units: int, parts: int) -> None:
    """The table of the standard, double characters, and that no character is split over two parts."""
    found = sms_length(text)
    assert (found.encoding, found.units, found.parts) == (encoding, units, parts)


def test_the_turkish_letters_that_double_the_price_are_named() -> None:
    """Ş ş Ğ ğ ç İ ı turn a text into UCS-2; Ç, Ö and Ü do not; the filter gives the nearest letters."""
    assert sms_length("Şğçİı").forces_ucs2 == "Şğçİı"
    assert sms_length("ÇÖÜöü").encoding == "gsm-7"
    assert to_gsm("Ayşe Çağrı İpek â") == "Ayse Çagri Ipek a"
