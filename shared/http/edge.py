"""The web firewall in front of the HTTP API (docs/deploy.md#a-firewall): who goes around it is refused."""

from __future__ import annotations

import hmac
import os
from dataclasses import replace

from shared.http.answers import forbidden
from shared.http.request import Request

PROOF_HEADER = "x-kervan-edge"
"""Holds the key that only CloudFront and the functions know; CloudFront writes over what a visitor sent."""
VISITOR_HEADER = "x-kervan-visitor"
"""Holds the visitor's address, written by CloudFront: the HTTP API sees CloudFront's own."""


def edge_key() -> str:
    """The key of the firewall; empty if there is none. Asked for each request: imports read no environment."""
    return os.environ.get("KERVAN_EDGE_KEY", "")


def from_edge(request: Request, key: str) -> Request:
    """The request with its visitor's address; as it is if there is no firewall (``key`` is empty).

    Without a firewall the headers say nothing, because anybody can send them.

    Raises
    ------
    Problem
        If it did not come through CloudFront.
    """
    if not key:
        return request
    shown = request.headers.get(PROOF_HEADER, "")
    if not hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), key.encode()):
        raise forbidden("this address is not for use: send it to the shop's own domain")
    kept = {name: value for name, value in request.headers.items() if name not in {PROOF_HEADER, VISITOR_HEADER}}
    return replace(request, headers=kept, ip=request.headers.get(VISITOR_HEADER, ""))
