"""What the HTML of an e-mail must keep to before it is published."""

from __future__ import annotations

import pytest

from shared.domain.templates.html_rules import CLIPPED_AT, LONGER_LINK, allowed_link, html_findings

pytestmark = pytest.mark.unit

DARK = "<style>@media (prefers-color-scheme: dark) { a { color: red } }</style>"


def told(html: str) -> list[tuple[str, bool]]:
    return [(found.message, found.warning) for found in html_findings(html)]


def test_a_whole_email_has_no_findings() -> None:
    """Links over https, mail and telephone; a picture with text and one that only decorates."""
    html = (
        DARK + '<a href="https://shop.example">x</a><a href="mailto:a@shop.example">x</a><a href="tel:+90212">x</a>'
        '<img src="https://shop.example/a.png" alt="A dress"><img src="https://shop.example/b.png" alt="">'
    )
    assert told(html) == []


@pytest.mark.parametrize(
    "url",
    ["http://shop.example", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//shop.example", "cart",
     "", "ftp://shop.example", "http://127.0.0.1.evil.example/"],
)  # fmt: skip
def test_a_link_leads_over_https(url: str) -> None:
    """Anything else keeps the template from being published, and the sentence says where it leads."""
    assert not allowed_link(url)
    ((message, warning),) = told(f'{DARK}<a href="{url}">x</a>')
    assert message.startswith("a link leads to ")
    assert not warning


@pytest.mark.parametrize("url", ["http://127.0.0.1:4580/cart", "http://localhost/", "http://localhost"])
def test_a_shop_on_this_machine_is_tried_over_http(url: str) -> None:
    """Loopback has no certificate."""
    assert told(f'{DARK}<a href="{url}">x</a>') == []


def test_a_picture_says_what_it_shows() -> None:
    """One without the attribute is found beside others that have it."""
    html = DARK + '<img src="https://shop.example/a.png" alt="A"><IMG SRC="https://shop.example/b.png">'
    assert [message for message, _ in told(html)] == [
        "a picture has no alternative text, so whoever does not see it learns nothing"
    ]


def test_a_picture_is_loaded_over_https() -> None:
    """Mail programs refuse or warn of others."""
    assert told(DARK + '<img alt="" src="http://shop.example/a.png">') == [
        ("a picture is loaded from 'http://shop.example/a.png'", False)
    ]


@pytest.mark.parametrize(("links", "more", "clipped"), [(0, 0, False), (0, 1, True), (10, 0, False), (10, 1, True)])
def test_gmail_shows_102_kb(links: int, more: int, clipped: bool) -> None:
    """Counted as it is sent: each link is longer then, and the pixel is in it. Bytes, not characters."""
    html = DARK + '<a href="https://shop.example">x</a>' * links
    room = CLIPPED_AT - len(html.encode()) - (links + 1) * LONGER_LINK + more
    html += "ş" * (room // 2) + "x" * (room % 2)
    assert any("Gmail cuts it" in message for message, _ in told(html)) is clipped


def test_dark_mode_is_a_warning() -> None:
    """It may be published without."""
    assert [(("dark mode" in message), warning) for message, warning in told("<p>x</p>")] == [(True, True)]
