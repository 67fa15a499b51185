"""`kervan consents take-back`: counts first, asks, and goes on until it is done."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, get_args

import pytest

from cli.commands.consents import REASONS, _tell
from cli.deployment.api import AdminApi
from cli.failure import Failure
from cli.main import run
from shared.domain.consent.forged_withdrawals import LeftOut
from shared.domain.events.event_names import WITHDRAWAL_TAKEN_BACK
from shared.operators import forged_withdrawals
from shared.stores.event_items import read_event
from tests.unit.admin.test_taking_back import MINUTE, Attacked
from tests.unit.ingest.world import World

pytestmark = pytest.mark.unit


@pytest.fixture
def shop(connect: Callable[[World], None], monkeypatch: pytest.MonkeyPatch) -> Attacked:
    """Three withdrawals, and one call that works on one pointer."""
    shop = Attacked(4)
    for number in range(3):
        shop.forge(number)
    shop.later()
    connect(shop.world)
    monkeypatch.setattr(forged_withdrawals, "MOST", 1)
    return shop


def words(shop: Attacked, *more: str) -> list[str]:
    end = (shop.world.clock.now() - 2 * MINUTE).isoformat()
    return [
        "consents", "take-back", "--source", "web", "--from", shop.begin.isoformat(), "--to", end, "--reason", "script",
        *more,
    ]  # fmt: skip


def test_a_dry_run_counts_and_changes_nothing(shop: Attacked, capsys: pytest.CaptureFixture[str]) -> None:
    before = shop.world.customers.items(), shop.world.catalog.items()
    assert run(words(shop, "--dry-run")) == 0
    said = capsys.readouterr().out
    assert "3 withdrawals of web in this time." in said
    assert "3 would be taken back; by 3 of them messages may go out again" in said
    assert (shop.world.customers.items(), shop.world.catalog.items()) == before


def test_it_goes_on_until_all_are_taken_back(shop: Attacked, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words(shop, "--yes")) == 0
    assert "3 were taken back; by 3 of them messages may go out again" in capsys.readouterr().out
    assert all(shop.granted(number) for number in range(4))
    assert run(words(shop, "--yes", "--json")) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["counts"] == {
        "withdrawals": 3, "taken_back": 0, "granted_again": 0, "already": 3, "left_out": {},
    }  # fmt: skip


def test_one_is_told_as_one(shop: Attacked, capsys: pytest.CaptureFixture[str]) -> None:
    """And of none that counts no more it is not said that messages go out again."""
    counts = {"withdrawals": 2, "taken_back": 0, "granted_again": 0, "already": 1, "left_out": {"himself": 1}}
    _tell({"source": "web", "counts": counts}, "was taken back", "were taken back")
    assert capsys.readouterr().out.splitlines()[1:] == [
        "    0 were taken back", "    1 was taken back before", f"    1 stays: {REASONS['himself']}",
    ]  # fmt: skip


def test_without_a_yes_nothing_is_changed(shop: Attacked, capsys: pytest.CaptureFixture[str]) -> None:
    """No terminal answers the question; --json alone asks nothing and does nothing."""
    before = shop.world.customers.items()
    assert run(words(shop)) != 0
    assert run(words(shop, "--json")) != 0
    assert shop.world.customers.items() == before
    capsys.readouterr()


def test_nothing_is_asked_where_nothing_is_to_be_taken_back(
    shop: Attacked, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are withdrawals, but each of them stays; no operation is begun for that."""
    monkeypatch.setattr(forged_withdrawals, "reason_to_stay", lambda *_: "himself")
    before = shop.world.customers.items(), shop.world.catalog.items()
    assert run(words(shop)) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == ["    0 would be taken back", f"    3 stay: {REASONS['himself']}", "Nothing to take back."]
    assert run(words(shop, "--yes", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["left_out"] == {"himself": 3}
    assert (shop.world.customers.items(), shop.world.catalog.items()) == before


def test_what_was_left_half_done_is_completed_without_a_question(
    shop: Attacked, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who took them back died before their events were in the log. Segments follow only these."""
    assert run(words(shop, "--yes")) == 0
    whole = {(item["pk"], item["sk"]) for item in shop.world.customers.items()}
    events = {place for place in whole if is_taking_back(shop, *place)}
    assert events
    for place in events:
        shop.world.customers.delete(*place)
    capsys.readouterr()
    assert run(words(shop)) == 0
    assert {(item["pk"], item["sk"]) for item in shop.world.customers.items()} == whole
    said = capsys.readouterr().out
    assert "Nothing to take back." in said
    assert "3 were taken back before" in said


def is_taking_back(shop: Attacked, key: str, sort: str) -> bool:
    item = shop.world.customers.get(key, sort)
    return item is not None and sort.startswith("t#") and read_event(item).name == WITHDRAWAL_TAKEN_BACK


def test_an_interrupted_one_goes_on(shop: Attacked, capsys: pytest.CaptureFixture[str]) -> None:
    """By the id that it printed."""
    span: dict[str, Any] = {"to": (shop.world.clock.now() - 2 * MINUTE).isoformat(), "because": "script"}
    operation = shop.ask(**span)["operation"]
    shop.ask(operation=operation, **span)
    assert run(words(shop, "--operation", operation)) == 0
    assert "3 were taken back" in capsys.readouterr().out


def test_json_is_written_where_nothing_is_found(shop: Attacked, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words(shop, "--from", (shop.begin + 20 * MINUTE).isoformat(), "--yes", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["withdrawals"] == 0


def test_every_reason_has_a_sentence() -> None:
    assert set(REASONS) == set(get_args(LeftOut))


def test_it_tells_how_far_it_is(shop: Attacked, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers that only grow, whichever part answers first."""
    for number in range(4):
        shop.forge(number, purpose="news")
    shop.later()
    assert run(words(shop, "--yes")) == 0
    told = [said for said in capsys.readouterr().out.splitlines() if said.endswith(" taken back") and "..." in said]
    numbers = [int(said.split()[1]) for said in told]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 7
    assert len(numbers) > 2


def test_a_part_that_fails_ends_the_command(
    shop: Attacked, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what the API said; with the operation the next one goes on."""
    ask, failed = AdminApi.post, list[int]()

    def broken(api: AdminApi, path: str, body: dict[str, Any]) -> Any:
        if body.get("part") == 3 and "operation" in body and not failed:
            failed.append(1)
            raise Failure("the table does not keep up")
        return ask(api, path, body)

    monkeypatch.setattr(AdminApi, "post", broken)
    assert run(words(shop, "--yes")) != 0
    said = capsys.readouterr()
    assert "the table does not keep up" in said.err + said.out
    operation = re.findall(r"--operation (\S+)", said.out)[0]
    assert run(words(shop, "--operation", operation)) == 0
    assert "3 were taken back; by 3 of them messages may go out again" in capsys.readouterr().out
