"""Dead letters that name a person go with her erasure; those of others wait on."""

from __future__ import annotations

import json

import pytest

from functions.privacy.erase_letters import LetterErasure
from shared.adapters.memory_letters import MemoryLetterQueue
from shared.adapters.phones import phone_reader
from shared.domain.conversations.jobs import message_job
from shared.domain.conversations.message import Inbound
from shared.domain.identity.identifiers import parse_identifier
from tests.unit.ingest.world import NOW
from tests.unit.privacy.shop import Shop42

pytestmark = pytest.mark.unit
KEYS = Shop42().world.keys
HERS = ("email:canary@example.com", "phone:+905321112233", "external:instagram/7781")


def job(who: str, text: str = "hello") -> str:
    return message_job(Inbound("sms", "x", KEYS(parse_identifier(who)), who, NOW, text))


def report(address: str) -> str:
    """A report of SES within a notification of SNS."""
    mail = {"destination": [address], "source": "shop@shop.example"}
    return json.dumps({"Message": json.dumps({"eventType": "Bounce", "mail": mail})})


DOOMED = [
    *(job(who) for who in HERS),
    report("Canary <Canary@Example.com>"),
    report("canary@example.com"),
    json.dumps({"changes": [{"recipient": "0532 111 22 33", "status": "RET"}]}),
    json.dumps({"function": "ingest-feedback", "event": {"a": [{"b": ["+905321112233"]}]}}),
]
KEPT = [
    job("email:other@example.com", "write to canary@example.com, please"),
    report("other@example.com"),
    json.dumps({"homes": ["u.x"]}),
    "no JSON, canary@example.com.evil",
    "",
    "[" * 2_000,
    json.dumps({"erasure": "x"}),
]


def test_letters_that_name_her_are_deleted() -> None:
    """By the address of the sender or the recipient, however it is written; not by a word in a text. The others are put
    back, so that operators see them at once."""
    queues = [MemoryLetterQueue(), MemoryLetterQueue(), MemoryLetterQueue()]
    for number, body in enumerate([*DOOMED, *KEPT] * 3):
        queues[number % 2].add(body)
    letters = LetterErasure(queues, KEYS, phone_reader("TR"))
    homes = {KEYS(parse_identifier(who)) for who in HERS}
    assert letters.erase(homes) == 3 * len(DOOMED)
    left = [held.body for queue in queues for _ in range(9) for held in queue.receive(10)]
    assert sorted(left) == sorted(KEPT * 3)
    assert letters.erase(homes) == 0


def test_an_erasure_counts_the_letters() -> None:
    """In its proof; nothing is counted where there is none."""
    shop = Shop42()
    shop.letters.add(job("email:canary@example.com"))
    _, asked = shop.ask()
    shop.work()
    assert shop.letters.waiting() == 0
    assert shop.world.get(f"/v1/erasures/{asked['id']}")[1]["removed"]["dead_letters"] == 1
    _, other = shop.ask("user:77")
    shop.work()
    assert "dead_letters" not in shop.world.get(f"/v1/erasures/{other['id']}")[1]["removed"]
