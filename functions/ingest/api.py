"""The Lambda function behind the HTTP API that takes events, shows carts to the shop, and refuses for recipients."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from functions.ingest.environment import Environment, environment
from functions.ingest.tracking import accept
from shared.adapters.handler_errors import without_values
from shared.domain.events.batch import ENDPOINTS
from shared.domain.message_links.message_link import is_short
from shared.http.always_answer import always_answer
from shared.http.answers import Answer, answer, not_found, preflight, wrong_method
from shared.http.request import Request

# Not Powertools: its import alone costs a third of this function's cold start. Nothing that was sent is ever logged.
log = logging.getLogger("kervan.ingest")
log.setLevel(logging.INFO)

UNSUBSCRIBE = "unsubscribe"
HOOKS = ("v1", "hooks", "sms")
SHOP_HOOKS = ("v1", "hooks", "shops")
META_HOOK = ("v1", "hooks", "meta")
IYS_HOOK = ("v1", "hooks", "iys")
PUSH_KEY = ("v1", "push", "key")
MESSAGE_LINKS = frozenset({"l", "o"})
PREFERENCES = "p"
CONFIRM = "s"
RATING = "r"
RIGHTS = "privacy"
SUBSCRIBE = "subscribe"
BASKETS = frozenset({"cart", "wishlist"})


@without_values
def handler(event: dict[str, Any], _context: object) -> Answer:
    """Answer one request; every outcome is an answer, no exception leaves."""
    return always_answer(event, lambda request: route(request, environment), log)


def route(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """``POST /v1/<type>`` takes events. ``environment_of`` is called when it is needed.

    Raises
    ------
    Problem
        For every request that is refused.
    """
    version, name = (*request.path, "", "")[:2]
    if version == "v1" and name == UNSUBSCRIBE and len(request.path) == 3:
        return _unsubscribe(request, environment_of)
    of_senders = _of_senders(request.path)
    if of_senders is not None:
        return of_senders(request, environment_of)
    if request.path[0] in MESSAGE_LINKS or (len(request.path) == 1 and is_short(request.path[0])):
        return _message_link(request, environment_of)
    if request.path[:2] == ("v1", SUBSCRIBE) and request.path[2:] in {(), ("confirm",)}:
        return _subscribe(request, environment_of)
    of_recipients = _of_recipients(request.path)
    if of_recipients is not None:
        return of_recipients(request, environment_of)
    if version != "v1" or name not in ENDPOINTS.keys() | BASKETS:
        raise not_found("there is no such path; events go to /v1/track, /v1/identify, /v1/page, /v1/batch and so on")
    if request.method == "OPTIONS":
        return preflight()
    if len(request.path) > 2:
        raise not_found(f"there is nothing below /v1/{name}")
    if name in BASKETS:
        if request.method != "GET":
            raise wrong_method("GET")
        from functions.ingest import baskets

        return baskets.read(request, name, environment_of())
    if request.method != "POST":
        raise wrong_method("POST")
    composed: Environment = environment_of()
    return accept(request, name, composed.sources, composed.intake, composed.counters, composed.clock.now())


def _of_senders(path: tuple[str, ...]) -> Callable[[Request, Callable[[], Environment]], Answer] | None:
    """Who answers a path of gateways, of shops, of Meta and of web push; None for all other paths."""
    if path[:3] == HOOKS and len(path) == 4:
        return _hook
    if path[:3] == SHOP_HOOKS and len(path) == 4:
        return _shop_hook
    if path == META_HOOK:
        return _meta_hook
    if path == IYS_HOOK:
        return _iys_hook
    return _push_key if path == PUSH_KEY else None


def _of_recipients(path: tuple[str, ...]) -> Callable[[Request, Callable[[], Environment]], Answer] | None:
    """Who answers a page for recipients; None for all other paths."""
    if path[0] == RIGHTS and len(path) <= 2:
        return _rights
    return _PAGES.get(path[0]) if len(path) == 2 else None


def _message_link(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """Links and pixels of our own messages: the token is the key."""
    if request.method not in {"GET", "HEAD"}:
        raise wrong_method("GET", "HEAD")
    from functions.ingest.message_links import MessageLinkPages, Reactions, visitor_of
    from shared.stores.short_links import ShortLinks

    composed = environment_of()
    reactions = Reactions(composed.customers, composed.messages, composed.keys)
    pages = MessageLinkPages(composed.links, ShortLinks(composed.messages), reactions)
    answer = {"l": pages.click, "o": pages.open}.get(request.path[0], pages.short_click)
    token = request.path[-1] if len(request.path) <= 2 else ""
    return answer(request.method, token, visitor_of(request.headers, request.ip), composed.clock.now())


def _push_key(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """The public key of the deployment: anybody may know it, and a page needs it to subscribe."""
    if request.method == "OPTIONS":
        return preflight()
    if request.method != "GET":
        raise wrong_method("GET")
    key = environment_of().push_key()
    if not key:
        raise not_found("this deployment has no key for web push: `kervan push keys` makes one")
    return answer({"public_key": key}, headers={"cache-control": "public, max-age=300"})


def _meta_hook(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """What Meta tells of WhatsApp, Instagram and Messenger: its signature is the key."""
    from functions.ingest.meta_hooks import META, MetaHooks
    from shared.domain.conversations.meta_webhook import Readers

    composed = environment_of()
    hooks = MetaHooks(composed.hook_secrets(META), Readers(composed.keys, composed.phone), composed.conversations)
    return hooks.receive(request, composed.clock.now())


def _shop_hook(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """What a shop's platform tells: its signature is the key."""
    if request.method != "POST":
        raise wrong_method("POST")
    from functions.ingest.shop_hooks import ShopHooks

    composed = environment_of()
    hooks = ShopHooks(
        composed.connectors,
        composed.hook_secrets,
        composed.intake,
        composed.counters,
        composed.stock_work,
        composed.search,
    )
    return hooks.receive(request, request.path[3], composed.clock.now())


def _iys_hook(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """What people changed at Turkey's register of consent: the token is the key."""
    if request.method != "POST":
        raise wrong_method("POST")
    from functions.ingest.iys_hooks import IYS, IysHooks

    composed = environment_of()
    return IysHooks(composed.hook_secrets(IYS), composed.iys_tasks).receive(request)


def _hook(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """What operators of text messages tell: the webhook's own secret is the key."""
    if request.method != "POST":
        raise wrong_method("POST")
    from functions.ingest.feedback import Feedback
    from functions.ingest.sms_hooks import SmsHooks
    from functions.ingest.sms_replies import SmsReplies
    from shared.stores.ledger import Ledger
    from shared.stores.senders import ProviderIds

    composed = environment_of()
    hooks = SmsHooks(
        composed.senders,
        composed.hook_secrets,
        Feedback(composed.customers, Ledger(composed.messages), composed.keys),
        SmsReplies(composed.customers, composed.keys, composed.phone, composed.conversations),
        ProviderIds(composed.messages),
    )
    return hooks.receive(request, request.path[3], composed.clock.now())


def _unsubscribe(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """From the links in our own mail: the token is the key. GET asks, POST refuses."""
    if request.method not in {"GET", "HEAD", "POST"}:
        raise wrong_method("POST", "GET", "HEAD")
    from functions.ingest.page_style import page_style_of
    from functions.ingest.unsubscribe import unsubscribe

    composed = environment_of()
    return unsubscribe(
        request.method,
        request.path[2],
        tokens=composed.tokens,
        customers=composed.customers,
        keys=composed.keys,
        now=composed.clock.now(),
        style=lambda: page_style_of(composed.catalog),
        query=request.query,
        headers=request.headers,
    )


def _preferences(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """From the link beside it: GET shows what holds, POST changes it."""
    if request.method not in {"GET", "HEAD", "POST"}:
        raise wrong_method("GET", "HEAD", "POST")
    from functions.ingest.preferences import PreferencePages

    composed = environment_of()
    pages = PreferencePages(composed.customers, composed.catalog, composed.tokens, composed.keys, composed.phone)
    return pages.answer(request, request.path[1], composed.clock.now())


def _confirm(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """From the link in the mail that asks for a confirmation: GET asks, POST grants."""
    if request.method not in {"GET", "HEAD", "POST"}:
        raise wrong_method("GET", "HEAD", "POST")
    from functions.ingest.confirm import confirm

    return confirm(request, request.path[1], environment_of())


def _rating(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """From the link in the question how it was: GET asks, POST counts."""
    if request.method not in {"GET", "HEAD", "POST"}:
        raise wrong_method("GET", "HEAD", "POST")
    from functions.ingest.rating_page import rating

    return rating(request, request.path[1], environment_of())


def _rights(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """A person asks what is known of him, and for erasure, restriction or objection."""
    if request.method not in {"GET", "HEAD", "POST"}:
        raise wrong_method("GET", "HEAD", "POST")
    from functions.ingest.rights import act_by_link, ask_for_link

    composed = environment_of()
    if len(request.path) == 1:
        return ask_for_link(request, composed, composed.rights())
    return act_by_link(request, request.path[1], composed, composed.rights())


_PAGES: dict[str, Callable[[Request, Callable[[], Environment]], Answer]] = {
    PREFERENCES: _preferences,
    CONFIRM: _confirm,
    RATING: _rating,
}
"""Pages that links of messages lead to: each below one letter, with a token."""


def _subscribe(request: Request, environment_of: Callable[[], Environment]) -> Answer:
    """The shop's sign-up form, and the code that confirms it."""
    if request.method == "OPTIONS":
        return preflight()
    if request.method != "POST":
        raise wrong_method("POST")
    if len(request.path) > 2:
        from functions.ingest.subscribe_code import confirm_code

        return confirm_code(request, environment_of())
    from functions.ingest.subscribe import subscribe

    return subscribe(request, environment_of())
