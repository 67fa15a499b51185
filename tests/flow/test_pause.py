"""Pause, resume and stop through every function: what waits, waits; what is too late is skipped; no flood."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.flow.deployment import Deployment, local
from tests.flow.test_cart_recovery import cart, known, told

pytestmark = pytest.mark.flow

NAME = "cart-recovery"


def state(deployment: Deployment, to: str) -> None:
    deployment.switch("journeys", NAME, "state", state=to)


def wait(deployment: Deployment, hours: float) -> None:
    """Time passes while nothing may be sent: of all the minutes, the last one, which finds what became due."""
    deployment.clock.at = local(hours)
    deployment.tick()
    deployment.settle()


def waiting(deployment: Deployment) -> dict[str, int]:
    found = next(item for item in deployment.read("journeys")["items"] if item["name"] == NAME)
    counted: dict[str, int] = found["waiting"]
    return counted


def reasons(deployment: Deployment) -> dict[str, str]:
    """Step to why it was not sent."""
    items = deployment.read("customers", "user:ayse", "messages")["items"]
    return {item["step"]: item["reason"] for item in items if item["reason"]}


def test_after_three_days_of_pause_one_message_goes_out_and_none_is_stale(deployment: Deployment) -> None:
    """Paused before the reminder, resumed after the last step was due: of three steps only the one that is still fresh
    is sent, within ten minutes and once; the others have their reason."""
    known(deployment, "email")
    cart(deployment, userId="ayse")
    deployment.settle()
    assert waiting(deployment) == {"reminder": 1}
    state(deployment, "paused")
    wait(deployment, 73)
    assert deployment.sent == []
    assert waiting(deployment) == {"reminder": 1}
    state(deployment, "running")
    deployment.advance(local(73) + timedelta(minutes=12))
    assert len(told(deployment.sent)) == 1
    assert deployment.sent[0].at <= local(73) + timedelta(minutes=11)
    assert deployment.sent[0].step == "last"
    assert (reasons(deployment)["reminder"], reasons(deployment)["offer"]) == ("stale", "stale")
    deployment.advance(local(200))
    assert len(deployment.sent) == 1
    assert waiting(deployment) == {}


def test_of_two_that_piled_up_the_later_is_sent(deployment: Deployment) -> None:
    """Paused over the reminder and the offer, resumed while both are fresh: one message, the later one."""
    known(deployment, "email")
    deployment.advance(local(9))
    cart(deployment, userId="ayse")  # 19:00; the reminder waits for the next morning
    deployment.settle()
    state(deployment, "paused")
    wait(deployment, 9 + 24)
    state(deployment, "running")
    deployment.advance(local(9 + 24 + 15))
    sent = [one.step for one in deployment.sent]
    assert sent == ["offer"]
    assert reasons(deployment)["reminder"] in {"stale", "piled_up"}


def test_a_stopped_journey_ends_its_enrollments_and_sends_nothing_more(deployment: Deployment) -> None:
    """After the reminder: no offer, no last message; and resuming it later brings none of them back."""
    known(deployment, "email")
    cart(deployment, userId="ayse")
    deployment.advance(local(2))
    assert [one.step for one in deployment.sent] == ["reminder"]
    state(deployment, "stopped")
    deployment.advance(local(100))
    assert waiting(deployment) == {}
    state(deployment, "running")
    deployment.advance(local(200))
    assert len(deployment.sent) == 1


def test_the_global_stop_holds_everything_and_nothing_stale_follows(deployment: Deployment) -> None:
    """Two days of stop: when it ends, only what is fresh goes out."""
    known(deployment, "email")
    cart(deployment, userId="ayse")
    deployment.settle()
    deployment.switch("controls", global_stop=True)
    wait(deployment, 48)
    assert deployment.sent == []
    deployment.switch("controls", global_stop=False)
    deployment.advance(local(200))
    assert [one.step for one in deployment.sent] == ["last"]
