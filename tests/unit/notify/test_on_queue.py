"""The worker of a channel over raw SQS batches: what cannot be read or done holds up nobody."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterable
from typing import Any

import pytest

from functions.notify.environment import Environment, sender_for
from functions.notify.on_queue import MARGIN_MS, work
from functions.notify.settings import Settings
from shared.adapters.email_ses import SesSender
from shared.adapters.provider_errors import READ_TIMEOUT, one_attempt
from shared.ports.sender import Accepted, Ambiguous, Postponed
from tests.unit.notify.world import MORNING, ROOT, Shopping, request

pytestmark = pytest.mark.unit

CAPTURED = json.loads((ROOT / "tests" / "payloads" / "sqs" / "batch.json").read_text())["Records"][0]


class StoppedClock:
    def now(self) -> Any:
        return MORNING


def batch(bodies: Iterable[str]) -> dict[str, Any]:
    records = []
    for place, body in enumerate(bodies):
        record = copy.deepcopy(CAPTURED)
        record["messageId"], record["body"] = f"m{place}", body
        records.append(record)
    return {"Records": records}


def failures(shop: Shopping, *bodies: str) -> list[str]:
    composed = Environment("email", StoppedClock(), shop.notifying())
    answer = work(batch(bodies), lambda: composed)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def shop() -> Shopping:
    made = Shopping()
    made.ayse()
    return made


GOOD = request("email").model_dump_json(exclude_none=True)


def test_poison_blocks_nobody(shop: Shopping, caplog: pytest.LogCaptureFixture) -> None:
    """Broken JSON, a wrong shape, another channel's request and an empty body stay for the dead-letter queue; the good
    one among them is sent. No log line repeats what they held."""
    poison = [
        "{",
        "[]",
        '{"v": 2}',
        request("sms").model_dump_json(),
        "",
        json.dumps(json.loads(GOOD) | {"email": "secret@example.com"}),
        "[" * 20_000,
        json.dumps(json.loads(GOOD) | {"due_ms": 10**30}),
    ]
    with caplog.at_level(logging.INFO, "kervan.notify"):
        failed = failures(shop, *poison[:4], GOOD, *poison[4:])
    assert failed == [f"m{place}" for place in range(9) if place != 4]
    assert len(shop.sender.sent) == 1
    assert "secret@example.com" not in caplog.text
    assert "ayse" not in caplog.text.lower()


def test_what_the_provider_does_not_take_leaves_the_queue(shop: Shopping) -> None:
    """A throttled message waits by a timer: five receives of the queue would make it a dead letter."""
    shop.sender.answers = [Postponed("provider_sending_paused")]
    other = request("email", step="offer", template="no-such").model_dump_json(exclude_none=True)
    assert failures(shop, GOOD, other) == []
    assert [item["sk"][:16] for item in shop.timers.items()] == ["2026-11-23T07:01"]


def test_settings_say_which_sender_there_is() -> None:
    """Sending is off without the word on, and off for a channel without a sender; the public URL of the local stage is
    a path of the emulator."""
    names = (
        "CUSTOMERS",
        "TIMERS",
        "MESSAGES",
        "CATALOG",
        "PRODUCTS",
        "SECRET",
        "QUEUE_EMAIL",
        "QUEUE_SMS",
        "QUEUE_PUSH",
        "CONVERSATIONS",
        "SUPPORT_QUEUE",
        "STOCK",
        "IYS",
    )
    base = {f"KERVAN_{name}": name for name in names} | {"KERVAN_STAGE": "prod", "KERVAN_CHANNEL": "email"}
    assert sender_for(Settings.read(base)) is None
    on = base | {"KERVAN_SENDING": "on"}
    assert sender_for(Settings.read(on)) is None
    assert sender_for(Settings.read(on | {"KERVAN_CHANNEL": "sms"})) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        assert isinstance(sender_for(Settings.read(on | {"KERVAN_SENDER_EMAIL": "a@b.example"})), SesSender)
    url = {"KERVAN_PUBLIC_URL": "https://abc.execute-api.eu-central-1.amazonaws.com/"}
    assert Settings.read(on | url).public_url == "https://abc.execute-api.eu-central-1.amazonaws.com"
    with pytest.raises(KeyError, match="KERVAN_CHANNEL"):
        Settings.read(base | {"KERVAN_CHANNEL": "fax"})


def test_messages_of_which_nobody_knows_are_counted(shop: Shopping, capsys: pytest.CaptureFixture[str]) -> None:
    """By channel; the alarm on unknown sends watches it. A message that was sent counts nothing there."""
    failures(shop, GOOD)
    assert "messages_unknown" not in capsys.readouterr().out
    other = Shopping()
    other.ayse()
    other.sender.answers = [Ambiguous("timeout")]
    failures(other, GOOD)
    [told] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "messages_unknown" in line]
    assert (told["messages_unknown"], told["channel"]) == ([1.0], "email")


def test_what_does_not_fit_into_the_invocation_is_offered_again_untouched(shop: Shopping) -> None:
    """A sender that Lambda ends in the middle of a call never learns whether the message went out."""
    composed = Environment("email", StoppedClock(), shop.notifying())
    bodies = [request("email", enrollment=f"e{number}").model_dump_json(exclude_none=True) for number in range(3)]
    left = [MARGIN_MS + 1, MARGIN_MS, 0]

    answer = work(batch(bodies), lambda: composed, lambda: left.pop(0) > MARGIN_MS)

    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["m1", "m2"]
    assert len(shop.sender.sent) == 1


def test_the_margin_is_longer_than_a_call_of_a_provider() -> None:
    call = one_attempt().connect_timeout + READ_TIMEOUT  # type: ignore[attr-defined]
    assert call * 1_000 < MARGIN_MS


@pytest.mark.parametrize(
    ("answered", "logged"), [("0107-a.b:c_1", "0107-a.b:c_1"), ("https://push.example/x", "-"), ("", "-")]
)
def test_the_log_leads_from_the_enrollment_to_the_provider(
    shop: Shopping, caplog: pytest.LogCaptureFixture, answered: str, logged: str
) -> None:
    """By ids; what a browser's push service answers is an address and is not logged."""
    shop.sender.answers = [Accepted(answered)]
    with caplog.at_level(logging.INFO, "kervan.notify"):
        failures(shop, GOOD)
    wanted = f"{request().message_id} sent  enrollment {request().enrollment} provider {logged}"
    assert [record.getMessage() for record in caplog.records] == [wanted]
