"""UTM parameters on links to the shop, so that its web analytics knows which message a visit comes from."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

PREFIX = "utm_"


@lru_cache(maxsize=1_024)
def with_parameters(url: str, parameters: tuple[tuple[str, str], ...], host: str) -> str:
    """The address with these parameters, if it leads to ``host`` or below it.

    A parameter that the address has already stays as it is. Links to others (a carrier's tracking page) are not
    changed: the shop's campaigns are none of their business. Kept, because many customers are shown the same products.

    >>> with_parameters("https://shop.example/p?id=1#top", (("utm_source", "kervan"),), "shop.example")
    'https://shop.example/p?id=1&utm_source=kervan#top'
    >>> with_parameters("https://carrier.example/t", (("utm_source", "kervan"),), "shop.example")
    'https://carrier.example/t'
    """
    try:
        parts = urlsplit(url)
        named = parts.hostname or ""
    except ValueError:
        return url
    own = host.removeprefix("www.")
    if not own or not (named == own or named.endswith(f".{own}")):
        return url
    missing = parameters
    if PREFIX in parts.query:
        there = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        missing = tuple((name, value) for name, value in parameters if name not in there)
    if not missing:
        return url
    query = "&".join(part for part in (parts.query, _encoded(missing)) if part)
    return urlunsplit(parts._replace(query=query))


@lru_cache(maxsize=1_024)
def _encoded(parameters: tuple[tuple[str, str], ...]) -> str:
    """The links of a message, and most messages of a step, have the same parameters."""
    return urlencode(parameters)
