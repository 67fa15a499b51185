"""Reads how the pages of the shop look from the published release."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from functions.ingest.page import LANGUAGES, PageStyle
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.ports import Table
from shared.stores.releases import Releases

log = logging.getLogger("kervan.ingest")


_kept: list[tuple[Table, Releases]] = []
"""Of the one catalog of this environment: a release is read once and stays the same."""


def current_release(catalog: Table) -> Release:
    """The published release (an empty one before the first)."""
    if not _kept or _kept[0][0] is not catalog:
        _kept[:] = [(catalog, Releases(catalog))]
    return _kept[0][1].current()


def page_style_of(catalog: Table) -> PageStyle:
    """The shop's style. A page that cannot learn it is shown without: what it does is more important."""
    try:
        return style_of_shop(current_release(catalog).shop)
    except Exception as failure:  # noqa: BLE001
        log.warning("the style of a page could not be read: %s", type(failure).__name__)
        return PageStyle()


def style_of_shop(shop: Shop) -> PageStyle:
    """The style of the pages of a shop."""
    mersis = f"MERSİS {shop.mersis}" if shop.mersis else ""
    small_print = tuple(line for line in (shop.name, shop.address, shop.contact, mersis) if line)
    return PageStyle(shop.name, shop.brand, shop.languages, small_print)


def page_language(query: Mapping[str, str], said: str, headers: Mapping[str, str], style: PageStyle) -> str:
    """The language of a page: the one in its address, else the customer's, the browser's, the shop's; else English.

    >>> page_language({"lang": "en"}, "tr", {}, PageStyle())
    'en'
    >>> page_language({}, "", {"accept-language": "de, en;q=0.8"}, PageStyle())
    'en'
    """
    accepted = [part.partition(";")[0].strip() for part in headers.get("accept-language", "")[:200].split(",")]
    for wanted in (query.get("lang", ""), said, *accepted, *style.languages):
        known = wanted[:2].lower()
        if known in LANGUAGES:
            return known
    return "en"
