"""Whatever is sent to the admin routes, the answer says what is wrong with it; none asks to send it again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cases import UNIT, cases
from tests.unit.campaigns.world import SALE, Store
from tests.unit.ingest.test_anything import ANYTHING, dumped
from tests.unit.ingest.world import ADMIN_KEY, http_event

pytestmark = UNIT

HEADERS = {"authorization": f"Bearer {ADMIN_KEY}"}
LABELLED = json.dumps({"definition": SALE | {"label": {"tr": "LABEL"}}})
UNREADABLE = {
    "nothing": "",
    "half": '{"definition": ',
    "null": "null",
    "list": "[]",
    "text": '"x"',
    "number": "1",
    "deep lists": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "deep inside": '{"definition":' + "[" * 50_000 + "]" * 50_000 + "}",
    "half a character": LABELLED.replace("LABEL", "\\ud800"),
    "half a character in a word": '{"\\ud800": 1}',
    "half a character in file": '{"definition": {}, "file": "\\ud800"}',
    "a number of 5,000 digits": '{"definition": ' + "9" * 5_000 + "}",
    "no text": b"\xff\xfe\x00",
    "broken gzip": b"\x1f\x8b\x08garbage",
    "too large": json.dumps({"x": "y" * 600_000}),
}
READING = [
    ("POST", "/v1/campaigns"),
    ("POST", "/v1/campaigns/check"),
    ("POST", "/v1/campaigns/test"),
    ("POST", "/v1/segments/preview"),
    ("POST", "/v1/segments/explain"),
    ("POST", "/v1/coupons/CART10/codes"),
    ("POST", "/v1/customers/user:p1/release"),
    ("POST", "/v1/customers/user:p1/relink"),
    ("PUT", "/v1/controls"),
    ("PUT", "/v1/journeys/cart-recovery/state"),
]
LONG = "a" * 3_000
NAMES = ["", "%00", "%20", "..", "%2F", "%ED%A0%80", "walk%2300", LONG, f"user:{LONG}", "u." + "a" * 3_000, "İ" * 600]
PATHS = [
    ("GET", "/v1/campaigns/{}/x"),
    ("POST", "/v1/campaigns/{}/cancel"),
    ("GET", "/v1/coupons/{}/codes/x"),
    ("GET", "/v1/coupons/CART10/codes/{}/"),
    ("POST", "/v1/coupons/{}/codes"),
    ("GET", "/v1/segments/{}/members"),
    ("GET", "/v1/segments/{}/upcoming"),
    ("GET", "/v1/segments/high-value/explain/{}/"),
    ("GET", "/v1/customers/{}/timeline"),
    ("GET", "/v1/customers/{}/messages"),
    ("GET", "/v1/customers/{}/links"),
    ("GET", "/v1/customers/{}/consents"),
    ("POST", "/v1/customers/{}/release"),
    ("PUT", "/v1/journeys/{}/state"),
    ("GET", "/v1/reports/{}/"),
]
BODIES: dict[str, Any] = {
    "cancel": {},
    "codes": {"codes": ["ABC1"]},
    "release": {"owner": "user:p2", "reason": "why"},
    "state": {"state": "paused"},
}


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    store.people(2)
    return store


def asked(store: Store, method: str, path: str, body: Any) -> tuple[int, Any]:
    answer = store.ingest.answer(http_event(method, path, body, HEADERS))
    said = json.loads(answer["body"])
    if answer["statusCode"] >= 400:
        assert said.keys() == {"error", "message"}
        assert said["message"]
    return answer["statusCode"], said


@pytest.mark.parametrize("route", READING, ids=" ".join)
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_that_cannot_be_read_is_said_to_be(store: Store, route: tuple[str, str], name: str) -> None:
    """Nesting, half characters, sizes, what is no JSON and no object: 400 or 413, and nothing is kept."""
    kept = [table.items() for table in (store.catalog, store.customers, store.ingest.timers)]
    assert asked(store, *route, UNREADABLE[name])[0] in {400, 413}
    assert kept == [table.items() for table in (store.catalog, store.customers, store.ingest.timers)]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:12])
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_name_that_nothing_has_is_said_to_be(store: Store, method: str, path: str, name: str) -> None:
    """Empty, longer than a key may be, or of signs that no name has: 4xx wherever a path names something."""
    body = None if method == "GET" else BODIES[path.rpartition("/")[2]]
    assert 400 <= asked(store, method, path.format(name), body)[0] < 500


@pytest.mark.parametrize("name", NAMES[1:], ids=lambda name: name[:12])
@pytest.mark.parametrize("path", ["/v1/campaigns/{}", "/v1/customers/{}", "/v1/coupons/{}", "/v1/segments/{}"])
def test_so_it_is_at_the_end_of_a_path(store: Store, path: str, name: str) -> None:
    """Without a name behind it the list is meant; with one that nothing has, 4xx."""
    assert 400 <= asked(store, "GET", path.format(name), None)[0] < 500


def test_a_label_that_no_item_holds_is_refused(store: Store) -> None:
    """450 KB of label are said to be too much before anything is armed or written."""
    for path in ("", "/check", "/test"):
        assert asked(store, "POST", f"/v1/campaigns{path}", LABELLED.replace("LABEL", "x" * 450_000))[0] == 413
    assert store.ingest.timers.items() == []


DEFINITIONS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys((*SALE, "label", "give", "test", "throttle", "fresh_for", "local_time"), ANYTHING)
)
SENT = st.one_of(
    ANYTHING,
    st.fixed_dictionaries(
        {"definition": st.one_of(ANYTHING, DEFINITIONS.map(SALE.__or__))}, optional={"file": ANYTHING}
    ),
    st.fixed_dictionaries({"draft": ANYTHING}, optional={"beside": ANYTHING, "identifier": ANYTHING}),
    st.fixed_dictionaries({"draft": st.fixed_dictionaries({"segment": ANYTHING, "who": ANYTHING})}),
    st.fixed_dictionaries({"codes": st.one_of(ANYTHING, st.lists(ANYTHING, max_size=4))}),
    st.fixed_dictionaries({"owner": ANYTHING, "reason": ANYTHING}, optional={"messageId": ANYTHING}),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("global_stop", "shadow", "allow_list", "state"), ANYTHING)),
)


@cases(13)
@given(route=st.sampled_from(READING), sent=SENT)
def test_anything_is_answered_and_what_is_kept_can_be_kept(route: tuple[str, str], sent: Any) -> None:
    """Any JSON at any admin route has an answer; what a route takes is text that every table takes."""
    store = Store()
    store.person(1, email="p1@example.com")
    assert asked(store, *route, dumped(sent))[0] < 500
    for table in (store.catalog, store.customers, store.ingest.timers, store.ingest.messages):
        json.dumps(table.items(), ensure_ascii=False, default=str).encode()
    assert asked(store, "GET", "/v1/campaigns", None)[0] == 200
