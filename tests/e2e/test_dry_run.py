"""A journey is played over history from the console, by the deployed function: asked for, played, shown."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from datetime import timedelta
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import pytest

from cli.main import run
from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e
PATIENCE = 60.0
CART = {"product_id": "p-7", "name": "Keten gömlek", "price": 899.9, "quantity": 1, "url": "https://shop.example/p/7"}


class Browser:
    """Keeps cookies and follows redirects."""

    def __init__(self, link: str) -> None:
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._root = link.partition("/console")[0]
        self._open(link).read()

    def get(self, path: str) -> tuple[str, str]:
        with self._open(self._root + path) as answer:
            return answer.url, answer.read().decode()

    def submit(self, path: str, form: dict[str, str]) -> tuple[str, str]:
        token = re.search(r'name="form_token" value="([^"]+)"', self.get(path)[1])
        assert token is not None
        body = urlencode({**form, "form_token": token[1]}).encode()
        with self._open(self._root + path, body) as answer:
            return answer.url, answer.read().decode()


def test_the_published_cart_recovery_is_played(kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A cart of this test's customer would have been reminded of, had everybody agreed; within a minute it is done."""
    web = kervan.channel("server")
    web.send("identify", userId=name, traits={"email": f"{name}@example.com", "firstName": "Ayşe"})
    web.send("track", userId=name, event="Product Added", properties=CART)
    kervan.settle()
    kervan.advance(timedelta(hours=12))
    capsys.readouterr()
    assert run(["console", "url", "--role", "marketer", "--json"]) == 0
    browser = Browser(json.loads(capsys.readouterr().out)["url"])
    form = {"days": "7", "customers": "5000", "price": "0.02", "agreed": "on"}
    address, page = browser.submit("/console/journeys/cart-recovery/dry-run", form)
    path = "/console/dry-runs/" + address.rpartition("/")[2]
    until = time.monotonic() + PATIENCE
    while ">done<" not in page and time.monotonic() < until:
        time.sleep(0.5)
        page = browser.get(path)[1]
    assert ">done<" in page
    assert "reminder ·" in page
