"""A stranger withdraws for most customers with the key of the pages; the shop takes that back."""

from __future__ import annotations

from typing import Any

import pytest

from shared.operators import forged_withdrawals
from shared.stores.withdrawal_pointers import SHARDS
from tests.flow.deployment import Deployment, local
from tests.flow.sources import consent
from tests.flow.test_cart_recovery import SHIRT
from tests.support.cases import LONG, also_long

pytestmark = pytest.mark.flow
CUSTOMERS = 300 if LONG else 12
FORGED = CUSTOMERS * 2 // 3
REAL = CUSTOMERS // 10
OWN = range(FORGED, FORGED + REAL)
"""Who withdraws himself, in his own browser, while the attack goes on."""
IN_THE_STORE = FORGED + REAL
"""Who withdraws at the till in the same minutes."""


def address(number: int) -> str:
    return f"c{number}@example.com"


def people(deployment: Deployment) -> None:
    """Everybody agreed to e-mail; some were seen in the pages before."""
    for number in range(CUSTOMERS):
        traits = {"email": address(number), "language": "tr"}
        deployment.send(
            "server", {"type": "identify", "userId": f"c{number}", "traits": traits}, *consent(f"c{number}", "email")
        )
    for number in OWN:
        deployment.send("web", event("Product Viewed", number, f"browser-{number}", SHIRT))
    deployment.settle()


def event(name: str, number: int, browser: str | None, properties: dict[str, Any]) -> dict[str, Any]:
    who = {"userId": f"c{number}"} | ({"anonymousId": browser} if browser else {})
    return {"type": "track", "event": name, "properties": properties, **who}


def attack(deployment: Deployment) -> None:
    no = {"channel": "email", "purpose": "marketing"}
    deployment.send("web", *(event("Consent Withdrawn", number, "stranger", no) for number in range(FORGED)))
    deployment.send("web", *(event("Consent Withdrawn", number, f"browser-{number}", no) for number in OWN))
    deployment.send("server", event("Consent Withdrawn", IN_THE_STORE, None, no))


def take_back(deployment: Deployment, **more: Any) -> dict[str, Any]:
    span = {"from": local(0.9).isoformat(), "to": local(1.1).isoformat(), "because": "a script"}
    operation = deployment.ask("sources", "web", "take-back", body=span)["operation"]
    answer: dict[str, Any] = {"done": False}
    while not answer["done"]:
        answer = deployment.ask("sources", "web", "take-back", body={**span, "operation": operation})
    return answer


def carts(deployment: Deployment, numbers: set[int]) -> None:
    deployment.send("web", *(event("Product Added", number, None, SHIRT) for number in sorted(numbers)))


@also_long
def test_messages_go_out_again_to_exactly_the_right_people(deployment: Deployment) -> None:
    """While the attack holds, a cart is reminded of only to whom nobody withdrew for. After the taking back reminders
    reach everybody but those who withdrew themselves; and what the attack ended is not started again."""
    people(deployment)
    deployment.advance(local(1))
    attack(deployment)
    early = {0, CUSTOMERS - 1}
    carts(deployment, early)
    deployment.advance(local(3))
    assert [one.to for one in deployment.sent] == [address(CUSTOMERS - 1)]
    answer = take_back(deployment)
    assert answer["counts"] == {
        "withdrawals": FORGED + REAL, "taken_back": FORGED, "granted_again": FORGED, "already": 0,
        "left_out": {"himself": REAL},
    }  # fmt: skip
    deployment.settle()
    assert len(deployment.sent) == 1
    carts(deployment, set(range(CUSTOMERS)) - early)
    deployment.advance(local(5))
    again = {*range(1, FORGED), *range(IN_THE_STORE + 1, CUSTOMERS - 1)}
    assert sorted(one.to for one in deployment.sent[1:]) == sorted(map(address, again))
    assert deployment.read("customers", "user:c0")["journeys"] == []
    said = deployment.read("customers", "user:c0", "consents")
    [now] = [one for one in said["now"] if (one["channel"], one["purpose"]) == ("email", "marketing")]
    assert (now["granted"], now["proof"]["source"]) == (True, "server")
    assert [one["said"] for one in said["items"]] == ["taken_back", "withdrawn", "granted"]


def test_messages_of_others_go_on_while_it_is_taken_back(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request takes one withdrawal back, and is followed by some minutes. Who was not attacked is reminded of his
    cart at his time, and who was taken back already too; both before the operation is done."""
    monkeypatch.setattr(forged_withdrawals, "MOST", 1)
    people(deployment)
    deployment.advance(local(1))
    attack(deployment)
    carts(deployment, {CUSTOMERS - 1})
    deployment.advance(local(1.2))
    span = {"from": local(0.9).isoformat(), "to": local(1.1).isoformat(), "because": "a script"}
    operation = deployment.ask("sources", "web", "take-back", body=span)["operation"]
    answer: dict[str, Any] = {"done": False}
    reminded: dict[str, int] = {}
    requests, first, left = 0, -1, list(range(SHARDS))
    while not answer["done"]:
        body = {**span, "operation": operation, "part": left[0]}
        answer = deployment.ask("sources", "web", "take-back", body=body)
        requests, left = requests + 1, answer["parts_left"]
        if answer["counts"]["taken_back"] and first < 0:
            deployment.settle()
            [first] = [number for number in range(FORGED) if granted(deployment, number)]
            carts(deployment, {first})
        deployment.advance(local(1.2 + requests / 4))
        reminded = reminded | {one.to: requests for one in deployment.sent if one.to not in reminded}
    assert reminded[address(CUSTOMERS - 1)] < requests
    assert reminded[address(first)] < requests
    assert answer["counts"]["taken_back"] == FORGED


def granted(deployment: Deployment, number: int) -> bool:
    said = deployment.read("customers", f"user:c{number}", "consents")
    return any(one["granted"] for one in said["now"] if (one["channel"], one["purpose"]) == ("email", "marketing"))
