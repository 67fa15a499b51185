"""With a web firewall a request counts only if it came through it; without one its headers say nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from functions.console import api as console
from shared.http import always_answer as outermost
from shared.http.answers import Answer, Problem, answer
from shared.http.edge import PROOF_HEADER, VISITOR_HEADER, from_edge
from shared.http.request import Request, read_request

pytestmark = pytest.mark.unit
KEY = "k" * 48


def request(**headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    context = {"http": {"method": "GET", "sourceIp": "203.0.113.1"}}
    return {"rawPath": "/v1/track", "headers": named, "requestContext": context}


def test_who_came_through_it_is_the_visitor() -> None:
    """Limits count his address; the two headers go no further."""
    came = read_request(request(x_kervan_edge=KEY, x_kervan_visitor="198.51.100.7", accept="*/*"))
    found = from_edge(came, KEY)
    assert (found.ip, dict(found.headers)) == ("198.51.100.7", {"accept": "*/*"})


@pytest.mark.parametrize(
    "shown", [{}, {"x_kervan_edge": ""}, {"x_kervan_edge": KEY[:-1]}, {"x_kervan_edge": "ş\udcff"}]
)
def test_who_went_around_it_is_refused(shown: dict[str, str]) -> None:
    """Whatever he says about himself, and without a word of the key."""
    with pytest.raises(Problem) as refused:
        from_edge(read_request(request(x_kervan_visitor="198.51.100.7", **shown)), KEY)
    assert refused.value.status == 403
    assert KEY[:8] not in refused.value.message


def test_without_a_firewall_the_headers_say_nothing() -> None:
    """Else anybody could send under another address, and pass every limit."""
    came = read_request(request(x_kervan_edge="", x_kervan_visitor="198.51.100.7"))
    assert from_edge(came, "") is came
    assert came.ip == "203.0.113.1"
    assert (PROOF_HEADER, VISITOR_HEADER) == ("x-kervan-edge", "x-kervan-visitor")


def test_functions_ask_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The route of a request that went around is never called; the console answers the same."""
    seen: list[Request] = []

    def route(found: Request) -> Answer:
        seen.append(found)
        return answer({})

    monkeypatch.setenv("KERVAN_EDGE_KEY", KEY)
    log = logging.getLogger("test")
    assert outermost.always_answer(request(), route, log)["statusCode"] == 403
    assert seen == []
    through = request(x_kervan_edge=KEY, x_kervan_visitor="198.51.100.7")
    assert outermost.always_answer(through, route, log)["statusCode"] == 200
    assert [one.ip for one in seen] == ["198.51.100.7"]
    monkeypatch.setenv("KERVAN_EDGE_KEY", KEY)
    assert console.handler(request() | {"rawPath": "/console/static/x.css"}, None)["statusCode"] == 403
