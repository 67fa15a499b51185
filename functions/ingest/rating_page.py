"""``/r/{token}``: the page on which a customer says how satisfied he was. GET asks and stores nothing, POST counts.

Mail scanners open links, so only the press of a button counts. The page tells nothing of the conversation.
"""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from functions.ingest.environment import Environment
from functions.ingest.page import page
from functions.ingest.page_style import page_language, page_style_of
from functions.ingest.page_texts import TEXTS
from functions.ingest.unsubscribe import broken_link
from shared.domain.conversations.jobs import Rating, rating_job
from shared.domain.conversations.rating import ANSWERED_WITHIN, RATINGS
from shared.domain.identity.signed_token import InvalidToken
from shared.http.answers import Answer, malformed
from shared.http.request import Request
from shared.http.request_body import body_of

LONGEST_FORM = 100


def rating(request: Request, token: str, composed: Environment) -> Answer:
    """The page. Pressed twice, the first number counts.

    Raises
    ------
    Problem
        400 for a form that is not the page's.
    Throttled
        If the number could not be stored now.
    """
    try:
        conversation, asked_at = composed.ratings.read(token)
    except InvalidToken:
        return broken_link()
    style = page_style_of(composed.catalog)
    language = page_language(request.query, "", request.headers, style)
    texts = TEXTS[language]
    if composed.clock.now() - asked_at >= ANSWERED_WITHIN:
        return page(style, language, texts["expired_title"], f"<p>{escape(texts['rating_over'])}</p>", status=410)
    if request.method == "POST":
        value = _chosen(body_of(request))
        composed.conversations().send_many([rating_job(Rating(conversation, asked_at, value))])
        return page(style, language, texts["rated_title"], f"<p>{escape(texts['rated'])}</p>", switch=False)
    buttons = "".join(
        f'<button name="rating" value="{value}" aria-label="{value} / 5">{value}</button>' for value in RATINGS
    )
    form = (
        f'<p>{escape(texts["rating_ask"])}</p><form method="post" action="?lang={language}">'
        f'<p class="buttons">{buttons}</p></form><p class="hint">{escape(texts["rating_scale"])}</p>'
    )
    return page(style, language, texts["rating_title"], form)


def _chosen(body: bytes) -> int:
    said = body.decode("utf-8", "replace") if len(body) <= LONGEST_FORM else ""
    value = (parse_qs(said).get("rating") or [""])[0]
    if value not in {str(one) for one in RATINGS}:
        raise malformed("choose a number from 1 to 5 on the page")
    return int(value)
