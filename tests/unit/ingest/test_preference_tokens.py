"""The token in a link to the page of preferences: one spelling, one page, one deployment."""

from __future__ import annotations

import random

import pytest

from shared.domain.consent.recipient_tokens import InvalidToken, RecipientLink, RecipientTokens
from tests.unit.notify.world import SECRET

pytestmark = pytest.mark.unit

TOKENS = RecipientTokens(SECRET)
SAMPLE = TOKENS.make_preferences(RecipientLink("u.home", "message", "email", "marketing", "e.address"))
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _altered(chance: random.Random) -> str:
    place, letter = chance.randrange(len(SAMPLE)), chance.choice(ALPHABET)
    return (
        SAMPLE[:place] + letter + SAMPLE[place + 1 :],
        SAMPLE[:place] + letter + SAMPLE[place:],
        SAMPLE[:place] + SAMPLE[place + 1 :],
        SAMPLE + "=" * (1 + place % 3),
        SAMPLE[:place] + chance.choice((" ", "\n", "+", "/", "é", "%2D", "\x00")) + SAMPLE[place:],
        "".join(one.swapcase() if chance.random() < 0.1 else one for one in SAMPLE),
    )[chance.randrange(6)]


def test_no_altered_token_is_accepted() -> None:
    """Changed, cut, lengthened, padded, in another case: of ten thousand none, for there is one spelling only."""
    chance = random.Random(7)
    altered = [token for _ in range(10_500) if (token := _altered(chance)) != SAMPLE]
    assert len(altered) > 10_000
    for token in altered:
        with pytest.raises(InvalidToken):
            TOKENS.read_preferences(token)


def test_a_token_opens_its_own_page_only() -> None:
    """That of one page is none of the other, and another deployment's are not ours."""
    refusal = TOKENS.read_preferences(SAMPLE)
    for read, token in ((TOKENS.read, SAMPLE), (TOKENS.read_preferences, TOKENS.make(refusal))):
        with pytest.raises(InvalidToken):
            read(token)
    with pytest.raises(InvalidToken):
        RecipientTokens(b"y" * 32).read_preferences(SAMPLE)
