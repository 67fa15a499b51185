"""``/p/{token}``: the page on which a recipient chooses channels, how often, a pause and a language.

GET shows and changes nothing, because mail scanners open every link. POST changes what differs from what the page
showed, as ordinary events with their proof. The token of a message is the key; the page tells no name and no address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from functions.ingest.page_style import current_release, page_language, style_of_shop
from functions.ingest.preference_choices import changed_items, read_form, shown_choices
from functions.ingest.preference_page import preference_page
from functions.ingest.unsubscribe import broken_link
from shared.domain.consent.recipient_tokens import InvalidToken, RecipientTokens
from shared.domain.identity.identifiers import Identifier, PhoneReader
from shared.domain.time.local_time import zone_of
from shared.http.answers import Answer, malformed
from shared.http.request import Request
from shared.http.request_body import body_of
from shared.ports import Table
from shared.queries.customer_tree import load_tree
from shared.stores.customers import CustomerStore

LONGEST_FORM = 4_000
"""Bytes of a form; ours has some hundred."""


@dataclass(frozen=True, slots=True)
class PreferencePages:
    """Answers requests for the page."""

    customers: Table
    catalog: Table
    tokens: RecipientTokens
    keys: Callable[[Identifier], str]
    phone: PhoneReader

    def answer(self, request: Request, token: str, now: datetime) -> Answer:
        """The page; after a change the browser is sent back to it, so that loading it again changes nothing.

        Raises
        ------
        Problem
            If the form cannot be read or is too long.
        Throttled
            If the change could not be stored now.
        """
        try:
            link = self.tokens.read_preferences(token)
        except InvalidToken:
            return broken_link()
        store = CustomerStore(self.customers)
        tree = load_tree(store, link.home)
        release = current_release(self.catalog)
        shown = shown_choices(store, tree, link, release, self.keys, self.phone, now)
        style = style_of_shop(release.shop)
        language = page_language(request.query, shown.language, request.headers, style)
        if request.method != "POST":
            zone = zone_of(tree.profile(), release.shop, now)
            return preference_page(style, language, shown, zone, saved=request.query.get("saved", ""))
        body = body_of(request)
        if len(body) > LONGEST_FORM:
            raise malformed("the form is longer than that of the page")
        wanted = read_form(body, shown, now)
        items = changed_items(link, store, shown, wanted, self.keys, now, language)
        # Whether something is to be changed is read from what the customer said: so that is stored last, and what was
        # stored by half is taken again.
        own = [one for one in items if one["pk"] == link.home and "granted" in one]
        for part in ([one for one in items if one not in own], own):
            if part:
                self.customers.put_many(part)
        spoken = wanted.language if wanted.language != shown.language else language
        return _back(f"?saved={1 if items else 0}&lang={quote(spoken[:2])}")


def _back(where: str) -> dict[str, Any]:
    headers = {"location": where, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return {"statusCode": 303, "headers": headers, "body": "", "isBase64Encoded": False}
