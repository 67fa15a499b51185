"""``/s/{token}``: the mailbox confirms a sign-up. GET asks and changes nothing, POST grants."""

from __future__ import annotations

from html import escape

from functions.ingest.environment import Environment
from functions.ingest.page import page
from functions.ingest.page_style import page_language, page_style_of
from functions.ingest.page_texts import TEXTS
from functions.ingest.unsubscribe import broken_link, consent_event
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.sign_up import SignUp
from shared.domain.identity.signed_token import InvalidToken
from shared.http.answers import Answer
from shared.http.request import Request
from shared.queries.customer_tree import Member
from shared.stores.consent_items import consent_items, put_first, statements
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item

SOURCE = "kervan"
ORIGIN = "double_opt_in"


def confirm(request: Request, token: str, composed: Environment) -> Answer:
    """The page. Confirming twice is the same as once; a link that is too old says so."""
    try:
        asked = composed.tokens.sign_up.read_link(token)
    except InvalidToken:
        return broken_link()
    now = composed.clock.now()
    expired = asked.expired(now)
    if request.method == "POST" and not expired:
        grant(asked, composed, link=asked.message_id)
    style = page_style_of(composed.catalog)
    language = page_language(request.query, "", request.headers, style)
    texts = TEXTS[language]
    if expired:
        return page(style, language, texts["expired_title"], f"<p>{escape(texts['expired'])}</p>", status=410)
    if request.method == "POST":
        return page(style, language, texts["confirmed_title"], f"<p>{escape(texts['confirmed'])}</p>", switch=False)
    ask = (
        f"<p>{escape(texts['confirm_ask'])}</p>"
        f'<form method="post" action="?lang={language}">'
        f"<p><button>{escape(texts['confirm_button'])}</button></p></form>"
        f'<p class="hint">{escape(texts["confirm_not_you"])}</p>'
    )
    return page(style, language, texts["confirm_title"], ask)


def grant(asked: SignUp, composed: Environment, *, link: str) -> None:
    """The consent and its event, named after the mail or the sign-up: so confirming again does not beat a withdrawal in
    between, and stores nothing. ``link``: the message whose link was used."""
    known = {(one.source, one.message_id) for one, _ in statements(composed.customers, asked.address_key)}
    now = composed.clock.now()
    home = Member(asked.address_key, CustomerStore(composed.customers).control(asked.address_key)).identifier
    for purpose in asked.purposes:
        name = f"{asked.message_id}-confirmed-{purpose}"
        if (SOURCE, name) in known:
            continue
        said = Consent(
            channel=asked.channel,
            purpose=purpose,
            granted=True,
            time=now,
            received_at=now,
            may_grant=True,
            source=SOURCE,
            message_id=name,
            address_key=asked.address_key,
            text_version=asked.text_version,
            origin=ORIGIN,
            link=link,
        )
        put_first(composed.customers, consent_items(ConsentRecord((asked.address_key,), said), trusted=True))
        if home is not None:
            event = consent_event(said, home, asked.channel)
            composed.customers.put_many([event_item(event, composed.keys, home=asked.address_key)])
