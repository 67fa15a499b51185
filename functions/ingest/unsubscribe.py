"""``/v1/unsubscribe/{token}``: one click refuses (RFC 8058). GET asks, POST acts: mail scanners fetch every link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from functions.ingest.page import LANGUAGES, PageStyle, page
from functions.ingest.page_style import page_language
from functions.ingest.page_texts import TEXTS
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.recipient_tokens import PREFERENCES_PATH, InvalidToken, RecipientLink, RecipientTokens
from shared.domain.events.event import Event, EventType
from shared.domain.events.event_names import CONSENT_GRANTED, CONSENT_WITHDRAWN
from shared.domain.identity.identifiers import Identifier
from shared.ports import Table
from shared.queries.customer_tree import Member
from shared.stores.consent_items import consent_items
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item

SOURCE = "kervan"
ORIGIN = "unsubscribe_link"


def unsubscribe(
    method: str,
    token: str,
    *,
    tokens: RecipientTokens,
    customers: Table,
    keys: Callable[[Identifier], str],
    now: datetime,
    style: Callable[[], PageStyle] = PageStyle,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A page for people; mail programs look at the status only. Refusing twice is harmless.

    Raises
    ------
    Throttled
        If the refusal could not be stored now: the caller answers 503, and mail programs try again.
    """
    try:
        refusal = tokens.read(token)
    except InvalidToken:
        return broken_link()
    if method == "POST":
        customers.put_many(refusal_items(refusal, CustomerStore(customers), keys, now))
    shop = style()
    language = page_language(query or {}, "", headers or {}, shop)
    texts = TEXTS[language]
    choose = (
        f'<p><a href="../..{PREFERENCES_PATH}{escape(tokens.make_preferences(refusal))}?lang={language}">'
        f"{escape(texts['title'])}</a></p>"
    )
    if method != "POST":
        asked = (
            f"<p>{escape(texts['unsubscribe_ask'])}</p>"
            f'<form method="post"><p><button>{escape(texts["unsubscribe_button"])}</button></p></form>'
            f'<p class="hint">{escape(texts["orders_still_come"])}</p>{choose}'
        )
        return page(shop, language, texts["unsubscribe_title"], asked)
    done = f"<p>{escape(texts['unsubscribed'])} {escape(texts['orders_still_come'])}</p>{choose}"
    return page(shop, language, texts["unsubscribed_title"], done, switch=False)


def broken_link() -> dict[str, Any]:
    """What is answered to a link that was not made here: nothing is read for it, so it shows nothing of the shop."""
    said = "".join(f'<p lang="{language}">{escape(TEXTS[language]["broken"])}</p>' for language in LANGUAGES)
    return page(PageStyle(), "tr", TEXTS["tr"]["broken_title"], said, status=404, switch=False)


def refusal_items(
    refusal: RecipientLink, customers: CustomerStore, keys: Callable[[Identifier], str], now: datetime
) -> list[dict[str, Any]]:
    """An ordinary ``Consent Withdrawn``, under the message's home and under the address that it went to."""
    statement = Consent(
        channel=refusal.channel,
        purpose=refusal.purpose,
        granted=False,
        time=now,
        received_at=now,
        may_grant=False,
        source=SOURCE,
        message_id=f"{refusal.message_id}-unsubscribed",
        address_key=refusal.address_key,
        origin=ORIGIN,
        link=refusal.message_id,
    )
    partitions = tuple(dict.fromkeys((refusal.home, refusal.address_key)))
    items = consent_items(ConsentRecord(partitions, statement), trusted=True)
    home = Member(refusal.home, customers.control(refusal.home)).identifier
    if home is not None:  # erased meanwhile: the refusal stays, there is no timeline to tell it
        items.append(event_item(consent_event(statement, home, refusal.channel), keys, home=refusal.home))
    return items


def consent_event(statement: Consent, home: Identifier, channel: str) -> Event:
    """The event that tells a statement in the log of the customer. ``channel``: of the message whose link was used."""
    return Event(
        type=EventType.TRACK,
        name=CONSENT_GRANTED if statement.granted else CONSENT_WITHDRAWN,
        message_id=statement.message_id,
        time=statement.time,
        received_at=statement.received_at,
        source=SOURCE,
        channel=channel,
        trusted=True,
        identifiers=(home,),
        properties={
            "channel": statement.channel,
            "purpose": statement.purpose,
            "source": statement.origin,
            "message_id": statement.link,
            **({"text_version": statement.text_version} if statement.text_version else {}),
        },
    )
