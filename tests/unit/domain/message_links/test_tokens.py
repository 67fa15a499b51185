"""Tokens of links: only what was made here is read, letter by letter, and it leads only where it was made to lead."""

from __future__ import annotations

import base64
import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.consent.recipient_tokens import RecipientLink, RecipientTokens
from shared.domain.identity.signed_token import MAC_BYTES, InvalidToken, SignedToken
from shared.domain.message_links.message_link import LinkTokens, MessageLink, is_short

pytestmark = pytest.mark.unit
SECRET = b"s" * 64
TOKENS = LinkTokens(SECRET)
LINK = MessageLink("m-7", 3, "https://shop.example/p/ayakkabı?a=1&b=ş#x", "shoe")
LETTERS = string.ascii_letters + string.digits + "-_"


@given(st.text(max_size=60), st.integers(0, 2**40), st.text(max_size=200), st.text(max_size=40))
def test_what_was_made_is_read(message: str, number: int, url: str, product: str) -> None:
    link = MessageLink(message, number, url, product)
    try:
        token = TOKENS.make(link)
    except UnicodeEncodeError:
        return  # half a character: nothing that a message can hold
    assert set(token) <= set(LETTERS)
    if len(token) <= 4_096:
        assert TOKENS.read(token) == link


@given(st.lists(st.text(max_size=30) | st.integers(-(2**70), 2**70), max_size=5))
def test_a_token_holds_json_without_blanks(parts: list[str | int]) -> None:
    """Letter by letter what the library writes, so tokens of earlier releases are read and made alike."""
    try:
        token = SignedToken(SECRET, "test").make(parts)
    except UnicodeEncodeError:
        return
    payload = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))[MAC_BYTES + 1 :]
    assert payload.decode() == json.dumps(parts, separators=(",", ":"), ensure_ascii=False)


def altered(token: str, rng: random.Random) -> str:
    """Another token: a letter changed, inserted, lost, doubled, cut, or of another case."""
    at = rng.randrange(len(token))
    letter = rng.choice(LETTERS)
    found = rng.choice(
        [
            token[:at] + letter + token[at + 1 :],
            token[:at] + letter + token[at:],
            token[:at] + token[at + 1 :],
            token[:at],
            token + letter,
            token[:at] + token[at].swapcase() + token[at + 1 :],
            token[:-1] + rng.choice(LETTERS),
            token + "=",
            token.replace("-", "+").replace("_", "/") + " ",
        ]
    )
    return found if found != token else altered(token, rng)


def test_ten_thousand_altered_tokens_are_refused() -> None:
    rng = random.Random(20261127)
    refusals = RecipientTokens(SECRET)
    made = {
        TOKENS.make(LINK): TOKENS.read,
        TOKENS.pixel("m-7"): TOKENS.read_pixel,
        refusals.make(RecipientLink("u.1", "m-7", "email", "marketing", "e.1")): refusals.read,
    }
    for token, read in made.items():
        for _ in range(10_000):
            with pytest.raises(InvalidToken):
                read(altered(token, rng))


def test_a_token_is_good_for_one_thing_only() -> None:
    """Neither another secret nor another label reads it."""
    token = TOKENS.make(LINK)
    for read in (LinkTokens(b"t" * 64).read, TOKENS.read_pixel, RecipientTokens(SECRET).read):
        with pytest.raises(InvalidToken):
            read(token)
    with pytest.raises(InvalidToken):
        SignedToken(SECRET, "kervan link 1", version=2, longest=4_096).read(token)


def test_a_token_tells_no_address() -> None:
    """It holds the message, the number, the destination and the product, and nothing of the recipient."""
    import base64

    token = TOKENS.make(LINK)
    shown = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))[16:].decode()
    assert shown[1:] == '["m-7",3,"https://shop.example/p/ayakkabı?a=1&b=ş#x","shoe"]'


def test_short_names() -> None:
    """Ten letters or digits; the same link has the same one, another link, message or deployment has another."""
    names = {
        TOKENS.short(MessageLink(f"m-{message}", number, url))
        for message in range(30)
        for number in range(1, 4)
        for url in ("https://a.example/", "https://b.example/")
    }
    assert len(names) == 180
    assert all(is_short(name) for name in names)
    assert TOKENS.short(LINK) == TOKENS.short(LINK) != LinkTokens(b"t" * 64).short(LINK)
