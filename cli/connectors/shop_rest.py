"""What a shop holds already, read from its REST API page by page: Shopify's Admin API, WooCommerce's v3.

Forms: https://shopify.dev/docs/api/admin-rest (pages by the header Link), and
https://woocommerce.github.io/woocommerce-rest-api-docs (pages by number). Webhooks send the same objects.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cli.failure import Failure
from shared.domain.senders.public_hosts import check_https

Kind = Literal["orders", "customers", "products"]
TOPICS: Mapping[str, Mapping[str, str]] = {
    "shopify": {"orders": "orders/updated", "customers": "customers/update", "products": "products/update"},
    "woocommerce": {"orders": "order.updated", "customers": "customer.updated", "products": "product.updated"},
}
SHOPIFY_VERSION = "2025-07"
MOST_PAGES = 100_000
MOST_BYTES = 50_000_000
TRIES = 6
LONGEST_WAIT = 60.0
_NEXT = re.compile(r"<([^<>]{1,2000})>;\s*rel=\"?next\"?")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the shop."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Get = Callable[[str, Mapping[str, str]], Page]


def objects_of_shop(
    platform: str, shop: str, kind: Kind, token: str, *, get: Get, pause: Callable[[float], None] = time.sleep
) -> Iterator[dict[str, Any]]:
    """Every object of a kind, the oldest first where the shop allows it.

    ``token``: Shopify's access token, or WooCommerce's key and secret with a colon between them.

    Raises
    ------
    Failure
        If the shop refuses, answers with what is no list, or leads to another host.
    """
    url, headers = _first(platform, shop, kind, token)
    for _ in range(MOST_PAGES):
        page = _patient(url, headers, get, pause)
        listed = _listed(page.body, kind)
        yield from listed
        following = _following(platform, url, page, listed)
        if following is None:
            return
        if urllib.parse.urlsplit(following).netloc != urllib.parse.urlsplit(url).netloc:
            raise Failure("the shop's next page leads to another host; the token is not sent there")
        url = following


def https_get(url: str, headers: Mapping[str, str]) -> Page:
    """GET over TLS; every answer is a page, status 0 if nothing answered."""
    try:
        check_https(url.partition("#")[0])
    except ValueError as wrong:
        raise Failure(f"the shop's address cannot be asked: {wrong}") from wrong
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - https was checked
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=60) as answer:
            found = {name.lower(): value for name, value in answer.headers.items()}
            return Page(answer.status, found, answer.read(MOST_BYTES))
    except urllib.error.HTTPError as refused:
        with refused:
            return Page(refused.code, {name.lower(): value for name, value in refused.headers.items()}, b"")
    except (OSError, http.client.HTTPException):
        return Page(0, {}, b"")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token is not carried to another address."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _first(platform: str, shop: str, kind: Kind, token: str) -> tuple[str, dict[str, str]]:
    if platform == "shopify":
        every = "&status=any" if kind == "orders" else ""
        url = f"https://{shop}/admin/api/{SHOPIFY_VERSION}/{kind}.json?limit=250{every}"
        return url, {"accept": "application/json", "x-shopify-access-token": token}
    url = f"https://{shop}/wp-json/wc/v3/{kind}?per_page=100&orderby=id&order=asc&page=1"
    basic = base64.b64encode(token.encode()).decode()
    return url, {"accept": "application/json", "authorization": f"Basic {basic}"}


def _patient(url: str, headers: Mapping[str, str], get: Get, pause: Callable[[float], None]) -> Page:
    for attempt in range(TRIES):
        page = get(url, headers)
        if page.status == 200:
            return page
        if page.status not in (0, 429) and page.status < 500:
            hint = {401: "; is the token right?", 403: "; may the token read this?", 404: "; is the shop's name right?"}
            raise Failure(f"the shop answered with {page.status}{hint.get(page.status, '')}")
        said = page.headers.get("retry-after", "")
        pause(min(float(said) if re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", said) else 2.0**attempt, LONGEST_WAIT))
    raise Failure("the shop did not answer; run it again later, what was imported before is not imported twice")


def _listed(body: bytes, kind: Kind) -> list[dict[str, Any]]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise Failure("the shop's answer is no JSON") from broken
    found = said.get(kind) if isinstance(said, dict) else said
    if not isinstance(found, list):
        raise Failure(f"the shop's answer holds no {kind}")
    return [one for one in found if isinstance(one, dict)]


def _following(platform: str, url: str, page: Page, listed: list[dict[str, Any]]) -> str | None:
    if platform == "shopify":
        found = _NEXT.search(page.headers.get("link", ""))
        return found[1] if found else None
    if len(listed) < 100:
        return None
    number = int(url.rpartition("=")[2])
    return f"{url.rpartition('=')[0]}={number + 1}"
