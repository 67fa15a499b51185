"""`kervan campaigns ...` against the real answers of the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.main import run
from shared.domain.definitions.release import Release
from tests.unit.campaigns.world import START, Store, local
from tests.unit.ingest.world import World
from tests.unit.notify.world import SHOP

pytestmark = pytest.mark.unit

SALE = """\
campaign: spring-sale
segment: high-value
send: spring
purpose: marketing
channels: [email]
at: 2026-11-24T10:30:00
test: [user:p1]
"""


@pytest.fixture
def store(connect: Callable[[World], None]) -> Store:
    """The shop that the command asks."""
    store = Store()
    store.people(12)
    connect(store.ingest)
    return store


@pytest.fixture
def sale(tmp_path: Path) -> str:
    file = tmp_path / "sale.yaml"
    file.write_text(SALE, "utf-8")
    return str(file)


def test_a_campaign_from_check_to_show(store: Store, sale: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Checked, tested, scheduled, watched; the numbers are those of the API."""
    assert run(["campaigns", "check", sale]) == 0
    assert "12 members" in capsys.readouterr().out
    assert run(["campaigns", "test", sale]) == 0
    store.until(START.replace(minute=1))
    assert store.addresses == ["p1@example.com"]
    assert run(["campaigns", "schedule", sale, "--yes"]) == 0
    assert "is scheduled" in capsys.readouterr().out
    store.until(local(11))
    assert run(["campaigns", "list"]) == 0
    assert "done" in capsys.readouterr().out
    assert run(["campaigns", "show", "spring-sale", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["handed_over"], shown["sent"], shown["open"]) == (12, 12, 0)
    assert run(["campaigns", "show", "spring-sale"]) == 0
    assert "sent" in capsys.readouterr().out


def test_a_segment_that_was_taken_out_is_said(store: Store, sale: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It loses its members, so the campaign will reach nobody."""
    run(["campaigns", "schedule", sale, "--yes"])
    assert run(["campaigns", "show", "spring-sale"]) == 0
    assert "warning" not in capsys.readouterr().out
    store.releases.publish(Release(0, SHOP))
    assert run(["campaigns", "show", "spring-sale"]) == 0
    assert "the segment high-value is no longer published" in " ".join(capsys.readouterr().out.split())


def test_cancelling_is_said(store: Store, sale: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before it began nobody gets it."""
    run(["campaigns", "schedule", sale, "--yes", "--json"])
    assert json.loads(capsys.readouterr().out)["estimate"] == 12
    assert run(["campaigns", "cancel", "spring-sale"]) == 0
    assert "0 were sent, the rest get none" in capsys.readouterr().out
    store.until(local(12))
    assert store.addresses == []


def test_problems_are_one_line_and_status_1(
    store: Store, sale: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the file, the place and the remedy; wrong use is status 2."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(SALE.replace("high-value", "nobody"), "utf-8")
    assert run(["campaigns", "check", str(wrong)]) == 1
    assert "wrong.yaml: segment: there is no segment nobody; write one" in capsys.readouterr().err
    assert run(["campaigns", "schedule", str(wrong), "--yes"]) == 1
    wrong.write_text("journey: x\n", "utf-8")
    assert run(["campaigns", "check", str(wrong)]) == 1
    assert "begin it with campaign:" in capsys.readouterr().err.splitlines()[-1]
    assert run(["campaigns", "check", str(tmp_path / "none.yaml")]) == 2
    assert run(["campaigns", "schedule", sale, "--json"]) == 2


def test_what_was_confirmed_is_what_is_scheduled(store: Store, sale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody saves the file between the question and the yes."""

    def confirmed(*_words: Any, **_more: Any) -> bool:
        Path(sale).write_text(SALE.replace("10:30:00", "10:05:00"), "utf-8")
        return True

    monkeypatch.setattr(typer, "confirm", confirmed)
    assert run(["campaigns", "schedule", sale]) == 0
    assert store.shown()["at"] == "2026-11-24T10:30:00"


HOSTILE = {
    "no day": SALE.replace("11-24T10:30:00", "02-30"),
    "no day with a time": SALE.replace("11-24", "11-31"),
    "no hour": SALE.replace("10:30:00", "25:00:00"),
    "binary": f"{SALE}label: !!binary aGVsbG8=\n",
    "set": f"{SALE}label: !!set {{a, b}}\n",
    "object": f"{SALE}label: !!python/object:os.system {{}}\n",
    "deep": f"{SALE}label: {'[' * 1_500}{']' * 1_500}\n",
    "in itself": f"{SALE}label: &a {{x: *a}}\n",
    "5,000 digits": f"{SALE}throttle: {{per_minute: {'9' * 5_000}}}\n",
    "5,000 hexadecimal digits": f"{SALE}throttle: {{per_minute: 0x{'f' * 5_000}}}\n",
    "half a character": f'{SALE}label: {{tr: "\\ud800"}}\n',
    "half a character in a word": f'{SALE}label: {{"\\ud800": x}}\n',
    "a sign that no text has": f"{SALE}\x00",
    "two": f"{SALE}---\n{SALE}",
    "a list as a word": f"{SALE}label: {{[a, b]: c}}\n",
    "infinite": f"{SALE}throttle: {{per_minute: .inf}}\n",
}


@pytest.mark.parametrize("word", ["check", "test", "schedule"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_one_line(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, word: str
) -> None:
    """Status 1, and a sentence that begins with the file; nothing is scheduled."""
    file = tmp_path / "c.yaml"
    file.write_text(HOSTILE[name], "utf-8")
    assert run(["campaigns", word, str(file), *(["--yes"] if word == "schedule" else [])]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "c.yaml" in said
    assert "unexpected" not in said
    assert store.ingest.timers.items() == []


@pytest.mark.parametrize("name", ["", " ", "\udcff"])
@pytest.mark.parametrize("words", [["campaigns", "show"], ["campaigns", "cancel"], ["customer", "show"]])
def test_a_name_that_is_none_is_wrong_use(
    store: Store, capsys: pytest.CaptureFixture[str], words: list[str], name: str
) -> None:
    """Empty, or bytes that are no UTF-8: it asks for nothing else instead."""
    assert run([*words, name]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "an argument is" in said
