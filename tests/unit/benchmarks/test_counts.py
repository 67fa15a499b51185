"""The benchmark's counts hold the targets that depend on no machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import facts_size, ingest_units, lake, messages, segment_units
from benchmarks.deployment import Deployment
from benchmarks.rows import Row, as_json, number
from benchmarks.shopper import Shopper
from shared.domain.facts.encoding import encode

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[3]


def test_ingest_costs_one_write_unit_per_event_and_one_request_per_batch() -> None:
    """Real browser events cost what issue 2 allows: 1.1 requests per batch, one write unit each, no reads."""
    rows = list(ingest_units.rows(events=1_000))
    assert [row.what for row in rows if row.verdict == "missed"] == []
    assert sum(row.verdict == "met" for row in rows) >= 12


def test_the_readme_says_what_an_event_costs() -> None:
    """HTTP API, Lambda, logs and units, to the cent."""
    dollars = {row.what: row.dollars or 0.0 for row in ingest_units.rows(events=1_000)}
    one, many = (dollars[f"{how}: everything per event but processor time"] for how in ("single", "batch of 25"))
    said = f"taken in batches of 25 ${many:.2f}, taken alone ${one:.2f}, logs included"
    assert said in (ROOT / "README.md").read_text("utf-8")
    assert dollars["single: logs per event"] == pytest.approx(0.2, abs=0.02)


def test_the_readme_says_what_the_page_says_of_deciding() -> None:
    """The prices of a batch of events of one customer, as the table of one run lists them."""
    cells = [line.split("|") for line in (ROOT / "docs/benchmarks.md").read_text("utf-8").splitlines()]
    listed = {row[2].strip(): row[6].strip() for row in cells if len(row) == 9 and row[1].strip() == "segment"}
    dollars = [
        f"${float(listed[what + ': write units']):.2f}"
        for what in (
            "one identifier (an app's or a server's events), settled",
            "user and browser, settled",
            "the same, 25 events in the batch",
        )
    ]
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"deciding {dollars[0]} to {dollars[1]} per touched customer and batch" in readme
    assert f"a burst of 25 events about other products {dollars[2]}," in readme


def test_a_settled_customer_costs_two_writes_and_a_read_per_identifier() -> None:
    """A young shopper on one identifier costs two reads and two writes; each further identifier one read."""
    rows = {row.what: row.value for row in segment_units.rows(history=5, measured=3)}
    assert rows["one identifier (an app's or a server's events), settled: read units"] == 2
    assert rows["one identifier (an app's or a server's events), settled: write units"] == 2
    assert rows["user and browser, settled: read units"] == 3
    assert rows["user and browser, settled: write units"] == 2


def test_a_new_interest_costs_one_write_unit_more() -> None:
    """A view of a product costs one, the same view again none, as all that is about no product."""
    deployment, shopper = Deployment(), Shopper(seed=11)
    spent = []
    for message in (shopper.viewed(), shopper.viewed(), shopper.added(), shopper.paged()):
        deployment.send([message])
        deployment.spent()
        deployment.deliver()
        spent.append(deployment.spent().interests)
    assert spent == [1, 0, 1, 0]


def test_a_message_costs_five_units_and_five_requests() -> None:
    """On every channel: the place under the caps, CALLING, the list of the home, SENT, the event; and the
    statements about the address. What a batch shares is read and written once, products that all show too."""
    rows = {row.what: row.value for row in messages.rows(rounds=1)}
    for name in messages.NAMES.values():
        assert rows[f"{name}: write units"] == 5
        assert rows[f"{name}: requests"] == pytest.approx(5.3)
        assert rows[f"{name}: the wire included"] > 0


def test_facts_stay_small() -> None:
    """A shopper's facts are within 1 KB after 10 events and 2 KB after 100."""
    for events in (10, 100):
        assert len(encode(facts_size.facts_after(events))) <= facts_size.TARGETS[events]


def test_the_lake_adds_one_request_to_an_invocation() -> None:
    """Whatever it decided; an event of it costs a cent per million where events come together."""
    found = {row.what: row for row in lake.rows(rounds=1, compacted=300)}
    (requests,) = [row for what, row in found.items() if what.endswith("requests more")]
    assert (requests.value, requests.verdict) == (1, "met")
    dollars = found["Firehose, events in batches of 100"].dollars
    assert dollars is not None
    assert dollars < 0.05


def test_a_row_says_whether_its_target_is_met() -> None:
    """The verdict follows the value that is shown, and the JSON carries it."""
    rows = [Row("p", "a", 1.004, "x", 1.0), Row("p", "b", 1.01, "x", 1.0), Row("p", "c", 5.0, "x")]
    assert [row.verdict for row in rows] == ["met", "missed", ""]
    assert [row["verdict"] for row in json.loads(as_json(rows, {}))["rows"]] == ["met", "missed", ""]
    assert (number(2.0), number(0.0731), number(1.58)) == ("2", "0.073", "1.58")
