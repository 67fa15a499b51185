"""Links in what is sent: each leads through this deployment to where it led before, and nothing else changes."""

from __future__ import annotations

import re
from html import escape, unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.message_links.campaign_parameters import with_parameters
from shared.domain.message_links.message_link import LinkTokens, MessageLink
from shared.domain.message_links.settings import LinkSettings
from shared.domain.message_links.tracked_content import MOST_LINKS, TrackedLinks, product_addresses, tracked
from shared.domain.templates.content import EmailContent, PushContent, SmsContent

pytestmark = pytest.mark.unit
OWN = "https://api.example"
TOKENS = LinkTokens(b"s" * 64)


def links(products: dict[str, str] | None = None) -> TrackedLinks:
    return TrackedLinks(
        "m-1", lambda link: f"{OWN}/l/{TOKENS.make(link)}", lambda url: url, products or {}, OWN
    )  # fmt: skip


class Addresses(HTMLParser):
    """The addresses of all links, as a browser sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if tag in ("a", "area") and name == "href"]


def destination(address: str) -> str:
    """Where an address leads in the end."""
    return TOKENS.read(address.removeprefix(f"{OWN}/l/")).url if address.startswith(f"{OWN}/l/") else address


URLS = st.sampled_from(
    ["https://shop.example/a?x=1&y=2", "https://shop.example/ş", "http://shop.example/", "mailto:a@b.example",
     f"{OWN}/v1/unsubscribe/t", "#top", "tel:+90555", "https://carrier.example/t'1", "app://cart", ""]
)  # fmt: skip
PIECES = st.one_of(
    st.tuples(
        URLS, st.sampled_from(['<a href="{}">x</a>', "<a class='b' href='{}'>y</a>", '<A id=1 HREF = "{}">z</A>'])
    )
    .filter(lambda pair: "'" not in pair[0] or "='{}'" not in pair[1])
    .map(lambda pair: pair[1].format(escape(pair[0]))),
    st.sampled_from(["<p>metin &amp; metin</p>", '<img src="https://shop.example/i.png">', "<br/>", "<b>href=</b>",
                     '<link href="https://shop.example/s.css">', "data-href='https://x.example'"]),
)  # fmt: skip


@given(st.lists(PIECES, max_size=12))
def test_every_link_leads_where_it_led(pieces: list[str]) -> None:
    """As a parser of HTML sees it; https links of others go through us, all else stays as it is."""
    html = "".join(pieces)
    found = links().html(html)
    before, after = Addresses(html).found, Addresses(found).found
    assert [destination(address) for address in after] == before
    for old, new in zip(before, after, strict=True):
        follows = old.startswith("https://") and "'" not in old and not old.startswith(OWN)
        assert (new != old) is follows
    without = re.compile(r"href\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
    assert without.sub("", found) == without.sub("", html)


def test_one_address_is_one_link() -> None:
    """In the HTML, in the text, wherever it stands; numbers count from 1, products are named."""
    made = links({"https://shop.example/p1": "p1"})
    content = EmailContent(
        "Konu",
        '<body><a href="https://shop.example/p1">a</a><a href="https://shop.example/c?a=1&amp;b=2">b</a></body>',
        "Bak: https://shop.example/p1. (https://shop.example/c?a=1&b=2)\n",
    )
    found = tracked(content, made, clicks=True, pixel="https://api.example/o/t.gif")
    assert list(made.links.values()) == [
        MessageLink("m-1", 1, "https://shop.example/p1", "p1"),
        MessageLink("m-1", 2, "https://shop.example/c?a=1&b=2"),
    ]
    assert isinstance(found, EmailContent)
    first, second = (f"{OWN}/l/{TOKENS.make(link)}" for link in made.links.values())
    assert found.text == f"Bak: {first}. ({second})\n"
    assert found.html.endswith(
        '<img src="https://api.example/o/t.gif" width="1" height="1" alt="" style="display:block;border:0"></body>'
    )


def test_what_is_not_followed_stays() -> None:
    content = EmailContent("s", '<a href="https://shop.example/">a</a>', "https://shop.example/ \n")
    assert tracked(content, links(), clicks=False) == content
    assert tracked(SmsContent("https://shop.example/"), links(), clicks=False) == SmsContent("https://shop.example/")
    push = PushContent("t", "b", "app://cart", "https://shop.example/i.png")
    assert tracked(push, links(), clicks=True) == push


def test_a_message_of_many_links_is_bounded() -> None:
    made = links()
    html = "".join(f'<a href="https://shop.example/{number}">x</a>' for number in range(MOST_LINKS + 5))
    assert sum(address.startswith(OWN) for address in Addresses(made.html(html)).found) == MOST_LINKS


def test_addresses_of_products() -> None:
    """An address that several products share names none of them."""
    view = {
        "cart": {"items": [{"id": "a", "url": "https://s/a"}, {"id": "b", "url": "https://s/cart"}]},
        "recommended": {"items": [{"id": "c", "url": "https://s/cart"}]},
        "order": {"items": []}, "product": {"id": "d", "url": "https://s/d"},
    }  # fmt: skip
    assert product_addresses(view) == {"https://s/a": "a", "https://s/d": "d"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://shop.example/p", "https://shop.example/p?utm_source=kervan&utm_medium=email"),
        ("https://www.shop.example/p?a=%C5%9F#x", "https://www.shop.example/p?a=%C5%9F&utm_source=kervan&utm_medium=email#x"),
        ("https://shop.example/p?utm_source=own", "https://shop.example/p?utm_source=own&utm_medium=email"),
        ("https://carrier.example/p", "https://carrier.example/p"),
        ("https://notshop.example/p", "https://notshop.example/p"),
        ("https://shop.example.evil/p", "https://shop.example.evil/p"),
        ("https://[broken", "https://[broken"),
    ],
)  # fmt: skip
def test_parameters_go_to_the_shop_only(url: str, expected: str) -> None:
    """What an address says already stays; the carrier learns nothing of the shop's campaigns."""
    assert with_parameters(url, (("utm_source", "kervan"), ("utm_medium", "email")), "shop.example") == expected


@pytest.mark.parametrize(
    ("clicks", "followed"), [(True, {"email", "sms", "push"}), (False, set()), (["email", "sms"], {"email", "sms"})]
)
def test_links_are_followed_where_the_shop_wants_it(clicks: object, followed: set[str]) -> None:
    settings = LinkSettings.model_validate({"clicks": clicks})
    assert {channel for channel in ("email", "sms", "push") if settings.follows(channel)} == followed


def test_parameters_of_channel_and_campaign() -> None:
    settings = LinkSettings(
        by_channel={"sms": {"content": ""}}, by_campaign={"spring": {"source": "bulten", "term": "{language}"}}
    )
    said = {"channel": "sms", "campaign": "spring", "step": "hero", "template": "t", "language": "tr"}
    assert settings.parameters(said) == {
        "utm_source": "bulten", "utm_medium": "sms", "utm_campaign": "spring", "utm_term": "tr",
    }  # fmt: skip
    for wrong in ({"utm": {"sources": "x"}}, {"by_campaign": {"a": {"source": "{customer}"}}}):
        with pytest.raises(ValueError, match=r"sources|customer"):
            LinkSettings.model_validate(wrong)


@given(st.text(max_size=80))
def test_a_text_keeps_what_is_no_address(text: str) -> None:
    found = links().text(text)
    assert re.sub(rf"{OWN}/l/[\w-]+", lambda address: destination(address[0]), found) == text
    assert unescape(found) is not None
