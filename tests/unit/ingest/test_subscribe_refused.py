"""Without double opt-in anybody can fill in the form: it undoes no refusal, under whatever name it was made."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from functions.ingest.subscribe import Asked, _refused
from shared.domain.identity.identifiers import parse_identifier
from tests.support.world import KEYS, event
from tests.unit.notify.world import MORNING, Shopping

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("address", ["email:ayse@example.com", "phone:+905321112233"])
def test_a_refusal_of_the_customer_who_names_no_address_counts(address: str) -> None:
    """She refused in her account; somebody types her address into the form. Another address is not hers."""
    shop = Shopping()
    shop.ayse()
    known = MORNING - timedelta(minutes=9)
    shop.world.send(event("identify", ["user:42", address], at=known, trusted=True))
    named = parse_identifier(address)
    composed = cast("Any", SimpleNamespace(customers=shop.customers))
    asked = Asked(named, ("marketing",), "2026-11")
    assert not _refused(asked, KEYS(named), composed, MORNING)
    shop.consent(asked.channel, granted=False, at=MORNING)
    assert _refused(asked, KEYS(named), composed, MORNING)
    other = parse_identifier("email:somebody@example.com")
    assert not _refused(Asked(other, ("marketing",), "2026-11"), KEYS(other), composed, MORNING)
