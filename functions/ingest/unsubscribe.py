"""``/v1/unsubscribe/{token}``: one click refuses (RFC 8058). GET asks, POST acts: mail scanners fetch every link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.unsubscribe_token import InvalidToken, Refusal, UnsubscribeTokens
from shared.domain.events.event import Event, EventType
from shared.domain.events.event_names import CONSENT_WITHDRAWN
from shared.domain.identity.identifiers import Identifier
from shared.ports import Table
from shared.queries.customer_tree import Member
from shared.stores.consent_items import consent_items
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item

SOURCE = "kervan"
ORIGIN = "unsubscribe_link"

_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}
_PAGE = """<!doctype html><html lang="tr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body{{font:17px/1.55 system-ui,sans-serif;color:#221c16;background:#f6f2ec;margin:0;padding:12vh 20px}}
main{{max-width:30em;margin:auto;background:#fff;border-radius:12px;padding:28px}}h1{{font-size:1.35em;margin-top:0}}
button{{font:inherit;font-weight:600;color:#fff;background:#a8431f;border:0;border-radius:8px;padding:14px 28px}}
p[lang=en]{{color:#6f665b;font-size:.9em}}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"""
_ASK = (
    '<p>Artık kampanya e-postalarımızı almak istemiyor musun?</p><form method="post"><button>Abonelikten çık</button>'
    '</form><p lang="en">Press the button to stop receiving our marketing messages.</p>'
)
_DONE = (
    "<p>Sana artık kampanya e-postası göndermeyeceğiz. Sipariş bildirimlerin gelmeye devam eder.</p>"
    '<p lang="en">You will get no more marketing messages from us. Notices about your orders still come.</p>'
)
_BROKEN = (
    "<p>Bağlantı eksik ya da geçersiz. E-postadaki bağlantıya yeniden dokun.</p>"
    '<p lang="en">The link is incomplete or not valid. Open it from the e-mail again.</p>'
)


def unsubscribe(
    method: str,
    token: str,
    *,
    tokens: UnsubscribeTokens,
    customers: Table,
    keys: Callable[[Identifier], str],
    now: datetime,
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
        return _page("Bağlantı geçersiz", _BROKEN, 404)
    if method != "POST":
        return _page("Abonelikten çık", _ASK)
    customers.put_many(refusal_items(refusal, CustomerStore(customers), keys, now))
    return _page("Abonelikten çıktın", _DONE)


def refusal_items(
    refusal: Refusal, customers: CustomerStore, keys: Callable[[Identifier], str], now: datetime
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
    )
    partitions = tuple(dict.fromkeys((refusal.home, refusal.address_key)))
    items = consent_items(ConsentRecord(partitions, statement), trusted=True)
    home = Member(refusal.home, customers.control(refusal.home)).identifier
    if home is not None:  # erased meanwhile: the refusal stays, there is no timeline to tell it
        items.append(event_item(_event(refusal, statement, home), keys, home=refusal.home))
    return items


def _event(refusal: Refusal, statement: Consent, home: Identifier) -> Event:
    return Event(
        type=EventType.TRACK,
        name=CONSENT_WITHDRAWN,
        message_id=statement.message_id,
        time=statement.time,
        received_at=statement.received_at,
        source=SOURCE,
        channel="email",
        trusted=True,
        identifiers=(home,),
        properties={
            "channel": refusal.channel,
            "purpose": refusal.purpose,
            "source": ORIGIN,
            "message_id": refusal.message_id,
        },
    )


def _page(title: str, body: str, status: int = 200) -> dict[str, Any]:
    content = _PAGE.format(title=title, body=body)
    return {"statusCode": status, "headers": dict(_HEADERS), "body": content, "isBase64Encoded": False}
