"""The page that proves consents: everything is in it, nothing runs, nothing breaks out."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.consent.proof_page import proof_page

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
EVIL = '<script>alert("x")</script>'


def statement(**more: Any) -> dict[str, Any]:
    return {
        "said": "granted", "channel": "email", "purpose": "marketing", "address": "email:ayse@example.com",
        "time": "2026-11-02T07:00:00.000Z", "received_at": "2026-11-02T07:00:01.000Z", "source": "web",
        "origin": "double_opt_in", "permitted": True, "text_version": "2026-11", "messageId": "m-1",
        "takes_back": None, **more,
    }  # fmt: skip


def found(**more: Any) -> dict[str, Any]:
    proof = statement()
    return {
        "now": [{**proof, "granted": True, "suppressed": False, "proof": proof}],
        "items": [proof, statement(said="withdrawn", purpose="newsletter", messageId="m-2", permitted=False)],
        "texts": {"2026-11": {"tr": "Kabul ediyorum.", "en": "I agree."}},
        "iys": [
            {
                "channel": "email", "address": "ayse@example.com", "recipient_type": "BIREYSEL", "status": "ONAY",
                "statements": [
                    {"status": "ONAY", "at": "2026-11-02T07:00:00.000Z", "state": "refused", "code": "H114"}
                ],
            }
        ],
        **more,
    }  # fmt: skip


@pytest.mark.parametrize(("language", "word"), [("tr", "Onay kanıtı"), ("en", "Proof of consent")])
def test_everything_is_in_it(language: Any, word: str) -> None:
    """Times of the shop, texts, records, what the register was told; a purpose of the shop's own as it is."""
    page = proof_page(found(), language, made_at=NOW, zone="Europe/Istanbul", shop="Kervan Moda")
    for text in (
        word, "Kervan Moda", "2026-11-30 12:00:00", "2026-11-02 10:00:00", "m-1", "m-2", "newsletter",
        "Kabul ediyorum.", "I agree.", "H114", "ONAY", "double_opt_in",
    ):  # fmt: skip
        assert text in page


@pytest.mark.parametrize(("language", "word"), [("tr", "sahte"), ("en", "was found to be forged")])
def test_a_withdrawal_that_was_taken_back_is_told(language: Any, word: str) -> None:
    """Which one, by whom and why."""
    forged = {"source": "web", "messageId": "m-9", "time": "2026-11-02T07:00:00.000Z", "by": "ops", "because": "script"}
    page = proof_page(
        found(items=[statement(said="taken_back", takes_back=forged)]),
        language, made_at=NOW, zone="Europe/Istanbul", shop="",
    )  # fmt: skip
    assert word in page
    assert "web · m-9 · ops: script" in page


def test_what_people_and_shops_write_is_text() -> None:
    """No script, no link, no tag of somebody else's."""
    forged = {"source": EVIL, "messageId": EVIL, "time": "2026-11-02T07:00:00.000Z", "by": EVIL, "because": EVIL}
    evil = statement(
        address=EVIL, source=EVIL, origin=EVIL, purpose=EVIL, messageId=EVIL, text_version=EVIL, takes_back=forged
    )
    page = proof_page(
        found(items=[evil], texts={EVIL: {"tr": EVIL}}), "tr", made_at=NOW, zone="Europe/Istanbul", shop=EVIL
    )
    assert "<script" not in page
    assert "http" not in page


def test_nothing_is_known() -> None:
    page = proof_page(found(now=[], items=[], texts={}, iys=[]), "en", made_at=NOW, zone="Europe/Istanbul", shop="")
    assert page.count("Nothing.") == 4
