"""`kervan segments explain, upcoming, preview, export` and what `definitions` says of segments."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from cli.commands import segments
from cli.main import run
from cli.segments.export import csv_rows, harmless

pytestmark = pytest.mark.unit

MEMBERS: list[dict[str, Any]] = [
    {
        "customer": "u.1",
        "identifier": "user:42",
        "since": "2026-11-01T00:00:00.000Z",
        "identifiers": ["user:42", "email:a@example.com", "email:b@example.com", "phone:+905551112233"],
        "traits": {"city": "İzmir", "plan": "=cmd()"},
    },
    {
        "customer": "a.2",
        "identifier": None,
        "since": "2026-11-02T00:00:00.000Z",
        "identifiers": ["anonymous:x"],
        "traits": {"city": None, "plan": {"name": "gold"}},
    },
]
EXPLAINED = {
    "sentence": "vip: customers with at least 1 order.",
    "summary": "In; leaves at 2026-12-01 10:00:00 UTC unless something happens.",
    "rule": {
        "node": "orders", "sentence": "with at least 1 order", "value": True, "valid_until": "2026-12-01T10:00:00.000Z",
        "facts": {"count": 1, "last_at": None, "orders": [{"id": "o[1]", "total": "10.00"}]}, "parts": [],
    },
}  # fmt: skip
ESTIMATE = {"count": 10, "low": 5, "high": 15}
PREVIEWED = {
    "segment": "vip", "sentences": {"en": "vip: customers with at least 1 order."}, "exact": False, "customers": 1000,
    **ESTIMATE, "reachable": {"email": ESTIMATE}, "sample": [], "how": "some were looked at", "beside": {"b": ESTIMATE},
}  # fmt: skip


class Api:
    """Says what was prepared and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.fails = False

    def get(self, path: str, **query: Any) -> Any:
        self.asked.append((path, query))
        if "upcoming" in path:
            item = {"customer": "u.1", "identifier": "user:42", "at": "2026-12-01T10:00:00.000Z", "enters": False}
            return {"items": [item], "at_least": True, "looked_at": 300}
        return EXPLAINED

    def post(self, path: str, body: Any) -> Any:
        self.asked.append((path, body))
        return PREVIEWED if path.endswith("preview") else EXPLAINED

    def items(self, path: str, **query: Any) -> Any:
        self.asked.append((path, query))
        yield MEMBERS[0]
        if self.fails:
            raise OSError("the line went dead")
        yield MEMBERS[1]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api()
    monkeypatch.setattr(segments, "admin_api", lambda *_where: api)
    monkeypatch.setattr("cli.deployment.api.admin_api", lambda *_where: api)
    return api


def test_explain_prints_the_tree_with_its_facts(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """Sentence, summary, and under each part what is behind it; brackets of ids are no markup."""
    assert run(["segments", "explain", "vip", "user:42/7"]) == 0
    out = capsys.readouterr().out
    assert "In; leaves at 2026-12-01" in out
    assert "yes with at least 1 order  (until 2026-12-01 10:00:00 UTC)" in out
    assert "orders: id: o[1], total: 10.00" in out
    assert api.asked == [("/v1/segments/vip/explain/user%3A42%2F7", {"language": "en"})]


def test_a_draft_of_a_file_is_explained_and_previewed(api: Api, tmp_path: Path) -> None:
    """Dates of YAML become text again; which of several is meant must be said."""
    file = tmp_path / "draft.yaml"
    file.write_text("segment: a\nwho: {trait: {name: since, after: 2026-11-23}}\n---\nsegment: b\nwho: {overdue: {}}\n")
    assert run(["segments", "explain", "a", "user:42", "--draft", str(file), "--json"]) == 0
    assert api.asked[-1][1]["draft"] == {"segment": "a", "who": {"trait": {"name": "since", "after": "2026-11-23"}}}
    assert run(["segments", "preview", str(file), "b", "--json"]) == 0
    assert api.asked[-1] == ("/v1/segments/preview", {"draft": {"segment": "b", "who": {"overdue": {}}}})
    assert run(["segments", "preview", str(file)]) == 1
    assert run(["segments", "preview", str(tmp_path / "none.yaml")]) == 2


def test_preview_and_upcoming_say_how_sure_they_are(
    api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The interval of a sample, and that more customers may flip than were looked at."""
    file = tmp_path / "draft.yaml"
    file.write_text("segment: vip\nwho: {orders: {at_least: 1}}\n")
    assert run(["segments", "preview", str(file)]) == 0
    assert "about 10 (5 to 15)" in capsys.readouterr().out
    assert run(["segments", "upcoming", "vip", "--days", "3"]) == 0
    out = capsys.readouterr().out
    assert "user:42" in out
    assert "leaves" in out
    assert "At least: looked at the 300 customers" in out
    assert api.asked[-1] == ("/v1/segments/vip/upcoming", {"days": 3})


def test_an_export_is_a_whole_file_of_harmless_cells(api: Api, tmp_path: Path) -> None:
    """Stable columns, formulas disarmed, readable for its owner only."""
    out = tmp_path / "vip.csv"
    assert run(["segments", "export", "vip", "--out", str(out), "--trait", "city", "--trait", "plan"]) == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")  # else Excel shows Turkish letters wrongly
    rows = list(csv.reader(out.read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["customer", "since", "user", "email", "phone", "loyalty", "city", "plan"]
    assert rows[1] == [
        "u.1", "2026-11-01T00:00:00.000Z", "42", "a@example.com", "'+905551112233", "", "İzmir", "'=cmd()"
    ]  # fmt: skip
    assert rows[2][2:] == ["", "", "", "", "", '{"name": "gold"}']
    assert out.stat().st_mode & 0o077 == 0
    assert api.asked == [("/v1/segments/vip/members", {"traits": "city,plan"})]


def test_an_export_that_breaks_off_leaves_what_was_there(api: Api, tmp_path: Path) -> None:
    """No half file, no remains."""
    out = tmp_path / "vip.ndjson"
    out.write_text("before")
    api.fails = True
    assert run(["segments", "export", "vip", "--format", "ndjson", "--out", str(out)]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["vip.ndjson"]
    assert out.read_text() == "before"


def test_ndjson_on_standard_output(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """One document a member, with every identifier."""
    assert run(["segments", "export", "vip", "--format", "ndjson", "--trait", "city"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["identifiers"] == MEMBERS[0]["identifiers"]
    assert second["traits"] == {"city": None}
    assert run(["segments", "export", "vip", "--format", "xls"]) == 2
    assert run(["segments", "export", "vip", "--json"]) == 2


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", ' "=1', "'=1", "\n\ufeff@x"])
def test_whatever_could_be_a_formula_gets_an_apostrophe(cell: str) -> None:
    """Also behind quotes, spaces and marks that spreadsheets pass over."""
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"a{cell}") == f"a{cell}"


def test_the_header_needs_no_member() -> None:
    """An empty segment is a file with its columns."""
    assert list(csv_rows([], ["city"])) == ["\ufeffcustomer,since,user,email,phone,loyalty,city\r\n"]


def test_check_counts_every_segment_in_one_request(
    api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Today's numbers beside the sentences."""
    (tmp_path / "shop.yaml").write_text("name: Kervan\n")
    for name in ("vip", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"segment: {name}\nwho: {{orders: {{at_least: 1}}}}\n")
    assert run(["definitions", "check", str(tmp_path), "--count", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {"vip": ESTIMATE, "b": ESTIMATE}
    [(path, body)] = api.asked
    assert path == "/v1/segments/preview"
    assert [body["draft"]["segment"], *(one["segment"] for one in body["beside"])] == ["b", "vip"]


def test_the_schema_knows_every_node(capsys: pytest.CaptureFixture[str]) -> None:
    """For editors: all kinds at once, or one."""
    assert run(["definitions", "schema"]) == 0
    assert json.loads(capsys.readouterr().out).keys() >= {"segment", "journey", "coupon", "shop", "template"}
    assert run(["definitions", "schema", "segment"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"].keys() == {"segment", "label", "aliases", "who"}
    assert {"Orders", "Event", "Anniversary", "InSegment", "Not"} <= schema["$defs"].keys()
    assert "not" in schema["$defs"]["Not"]["properties"]
    assert run(["definitions", "schema", "sonnet"]) == 2
