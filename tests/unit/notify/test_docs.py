"""docs/messages.md says what the code does."""

from __future__ import annotations

import pytest

from shared.adapters.liquid import FILTERS
from shared.domain.messages.message import Reason
from shared.domain.templates.sample import sample_view
from tests.unit.notify.world import ROOT, SHOP, TEMPLATES

pytestmark = pytest.mark.unit

DOCUMENT = (ROOT / "docs" / "messages.md").read_text("utf-8")


def test_every_reason_is_explained() -> None:
    """A word that an operator may meet is in the document."""
    assert [reason.value for reason in Reason if f"`{reason.value}`" not in DOCUMENT] == []


def test_every_name_and_filter_of_templates_is_listed() -> None:
    """What a template can say, and with which filters, is in the document."""
    names = {
        name if not isinstance(part, dict) else inner
        for name, part in sample_view(TEMPLATES["cart-offer"], SHOP, "tr").items()
        for inner in (part if isinstance(part, dict) else [name])
    }
    assert sorted(name for name in names if name not in DOCUMENT) == []
    assert sorted(name for name in FILTERS if f"{name}" not in DOCUMENT) == []
