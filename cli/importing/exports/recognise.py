"""Which tool a file comes from: by its header or its first line, unless it is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.failure import WrongUse
from cli.importing.exports import google, klaviyo, mailchimp, pinpoint, shopify, spreadsheet, woocommerce
from cli.importing.exports.export import Export
from shared.domain.definitions.text_comparison import folded

EXPORTS: tuple[Export, ...] = (
    shopify.CUSTOMERS, shopify.ORDERS, mailchimp.CLEANED, mailchimp.UNSUBSCRIBED, mailchimp.SUBSCRIBED,
    mailchimp.NOT_SUBSCRIBED,
    klaviyo.PROFILES, woocommerce.CUSTOMERS, woocommerce.ORDERS, google.CONTACTS, pinpoint.ENDPOINTS, spreadsheet.TABLE,
)  # fmt: skip
"""In the order in which they are tried."""
PLAIN = "plain"
"""The name of Kervan's own form (docs/import.md), for a file that would be taken for another's."""
NAMES = (PLAIN, *(export.name for export in EXPORTS))
_MAILCHIMP = {
    "cleaned": mailchimp.CLEANED, "unsubscribed": mailchimp.UNSUBSCRIBED, "nonsubscribed": mailchimp.NOT_SUBSCRIBED,
    "archived": mailchimp.NOT_SUBSCRIBED,
}  # fmt: skip


def export_named(name: str) -> Export | None:
    """The export of this name; None for ``plain``.

    Raises
    ------
    WrongUse
        If there is none.
    """
    if name == PLAIN:
        return None
    found = next((export for export in EXPORTS if export.name == name), None)
    if found is None:
        raise WrongUse(f"there is no form {name!r}; --from takes {', '.join(NAMES)}")
    return found


def recognise(path: Path, kind: str, header: Sequence[str]) -> Export | None:
    """The tool whose header this is; None if it is Kervan's own form.

    Raises
    ------
    WrongUse
        If it belongs to another command, or names nobody.
    """
    found = next((export for export in EXPORTS if export.recognises(header)), None)
    if found is mailchimp.SUBSCRIBED:
        found = next((one for word, one in _MAILCHIMP.items() if path.name.lower().startswith(word)), found)
    if found is None and {folded(cell) for cell in header} >= woocommerce.ANALYTICS_ORDERS:
        raise WrongUse(
            f"{path} is WooCommerce's analytics of orders: it names no customer's address, so nobody can be found; "
            "export orders with their billing address (such as with Advanced Order Export)"
        )
    if found is None and kind == "customers" and spreadsheet.looks_written_by_hand(list(header)):
        found = spreadsheet.TABLE
    return None if found is None else checked(found, path, kind)


def recognise_object(path: Path, kind: str, content: Mapping[str, Any]) -> Export | None:
    """The same by the first JSON object of a file of lines."""
    return checked(pinpoint.ENDPOINTS, path, kind) if pinpoint.is_endpoint(content) else None


def checked(export: Export, path: Path, kind: str) -> Export:
    """The export, if the command fits it: orders are events too."""
    if kind == export.kind or (kind == "events" and export.kind == "orders"):
        return export
    raise WrongUse(f"{path} holds {export.label}: use kervan import {export.kind}, or --from {PLAIN} if it does not")
