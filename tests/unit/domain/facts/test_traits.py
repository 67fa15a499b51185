"""Traits, push tokens and wishes: the newest are kept, and trusted ones win."""

from __future__ import annotations

from shared.domain.facts.facts import MAX_TOKENS, MAX_TRAITS
from tests.support.cases import UNIT
from tests.unit.domain.facts.histories import at, shown

pytestmark = UNIT


def test_an_event_with_many_traits_displaces_no_more_than_it_must() -> None:
    """101 traits of one identify leave 100; 60 and then 60 others leave 100, the newest among them."""
    sixty = {f"a{place:03d}": 1 for place in range(60)}
    others = {f"b{place:03d}": 1 for place in range(60)}
    assert len(shown(at(0, "identify", traits={**sixty, **others})).traits) == MAX_TRAITS
    both = shown(at(0, "identify", traits=sixty), at(1, "identify", traits=others)).traits
    assert len(both) == MAX_TRAITS
    assert others.keys() <= both.keys()


def test_a_public_source_cannot_replace_a_trusted_address() -> None:
    """Trusted traits win over later public ones, and no flood of public traits displaces them."""
    ours = at(0, "identify", trusted=True, traits={"email": "ayse@example.com", "city": None})
    theirs = [at(5 + n, "identify", traits={"email": "thief@example.com", "city": "x", f"t{n}": n}) for n in range(150)]
    profile = shown(ours, *theirs)
    assert profile.trait("email") == "ayse@example.com"
    assert profile.trait("city") is None
    assert {"t149", "email"} <= profile.traits.keys()
    assert len(profile.traits) == MAX_TRAITS - 1  # of the public ones, city is unset by ours


def test_the_newest_tokens_are_kept() -> None:
    """A customer's ten newest push tokens, with the platform that each said last."""
    events = [at(n, "identify", context={"device": {"token": f"t{n:02d}", "type": "android"}}) for n in range(12)]
    tokens = shown(*events, at(20, "identify", context={"device": {"token": "t11", "type": "iOS"}})).tokens
    assert len(tokens) == MAX_TOKENS
    assert (tokens[0].token, tokens[0].platform) == ("t11", "ios")
    assert "t01" not in {token.token for token in tokens}


def test_a_wishlist_is_what_was_wished_last() -> None:
    """Added and removed by time; a wish that went into the cart stays wished and lies in the cart."""
    wished = at(0, "Product Added to Wishlist", product_id="a", name="Shirt")
    assert [line.product_id for line in shown(wished).wishlist] == ["a"]
    assert shown(wished, at(1, "Product Removed from Wishlist", product_id="a")).wishlist == ()
    profile = shown(wished, at(1, "Wishlist Product Added to Cart", product_id="a"))
    assert [line.product_id for line in profile.wishlist] == [line.product_id for line in profile.cart.items] == ["a"]
