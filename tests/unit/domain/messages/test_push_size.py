"""A push message that is too long gets a shorter body; its form is never cut."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.messages.push_size import CUT, SHORTEST_BODY, fitted
from shared.domain.templates.content import PushContent, is_app_link

pytestmark = pytest.mark.unit

LETTERS = st.text(st.sampled_from("aış😀 e\u0301👩\u200d🚀\ufe0f"), max_size=200)


def size(content: PushContent) -> int:
    return len(json.dumps([content.title, content.body, content.url, content.image]).encode())


def whole(text: str) -> bool:
    """Whether no letter lost its marks: what follows in the original is no mark of the last letter."""
    return not text or unicodedata.category(text[0]) not in {"Mn", "Me"}


@given(LETTERS, LETTERS, st.integers(0, 1_500), st.booleans())
def test_it_fits_and_keeps_the_most(title: str, body: str, limit: int, pictured: bool) -> None:
    """Against brute force: the longest beginning of the body that fits, with the picture if it can stay."""
    image = "https://i.example/" + "p" * 60 if pictured else ""
    content = PushContent(title, body, "https://kervan.example/", image)
    found = fitted(content, size, limit)
    if size(content) <= limit:
        assert found == content
        return
    if found is None:
        shortest = replace(content, image="", body=body[:SHORTEST_BODY] + CUT)
        assert min(size(shortest), size(replace(content, image=""))) > limit
        return
    assert size(found) <= limit
    assert (found.title, found.url) == (content.title, content.url)
    if found.body != body:
        kept = found.body.removesuffix(CUT)
        assert found.body.endswith(CUT)
        assert body.startswith(kept)
        assert whole(body[len(kept) :].lstrip() if body[len(kept) : len(kept) + 1] == " " else body[len(kept) :])


@pytest.mark.parametrize(
    ("link", "opens"),
    [
        ("shop://cart", True),
        ("com.shop.app://product/7", True),
        ("https://shop.example/cart", True),
        ("javascript://x%0aalert(1)", False),
        ("JavaScript://x", False),
        ("data://x", False),
        ("http://shop.example", False),
        ("cart", False),
        ("://cart", False),
    ],
)
def test_links_into_an_app(link: str, opens: bool) -> None:
    """A scheme of the app or https; no script and nothing without a scheme."""
    assert is_app_link(link) is opens
