"""What the console says, in Turkish and English: one file per page."""

from __future__ import annotations

from typing import Any

from functions.console.texts.base import BASE
from functions.console.texts.campaigns import CAMPAIGNS
from functions.console.texts.customer import CUSTOMER
from functions.console.texts.dry_runs import DRY_RUNS
from functions.console.texts.iys import IYS
from functions.console.texts.journey_editor import JOURNEY_EDITOR
from functions.console.texts.plans import PLANS
from functions.console.texts.publishing import PUBLISHING
from functions.console.texts.segment_editor import SEGMENT_EDITOR
from functions.console.texts.service import SERVICE
from functions.console.texts.service_editor import SERVICE_EDITOR
from functions.console.texts.templates import TEMPLATES
from functions.console.texts.today import TODAY

Pair = tuple[str, str]
"""Turkish, English."""
TEXTS: dict[str, Pair] = {
    **BASE,
    **TODAY,
    **CUSTOMER,
    **PLANS,
    **PUBLISHING,
    **SEGMENT_EDITOR,
    **CAMPAIGNS,
    **TEMPLATES,
    **JOURNEY_EDITOR,
    **DRY_RUNS,
    **SERVICE,
    **SERVICE_EDITOR,
    **IYS,
}
_PLACE = {"tr": 0, "en": 1}


def text(key: str, language: str, **given: Any) -> str:
    """The text of a key, with values in its braces.

    Raises
    ------
    KeyError
        If there is no such text; tests ask for all that templates name.
    """
    said = TEXTS[key][_PLACE[language]]
    return said.format(**given) if given else said
