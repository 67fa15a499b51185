"""The switches over all messages, and the channels that stopped by themselves. Each is asked about once more."""

from __future__ import annotations

from functions.console.changes import noted
from functions.console.page import ROOT, page, redirect
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.domain.events.event import Source
from shared.http.answers import Answer, malformed, not_found
from shared.operators.channels import resume
from shared.operators.controls import change, controls
from shared.stores.releases import Releases

CHANGES: dict[str, dict[str, bool]] = {
    "stop": {"global_stop": True},
    "start": {"global_stop": False},
    "shadow": {"shadow": True},
    "live": {"shadow": False},
}
"""What each action sets."""


def confirm(visit: Visit, action: str) -> Answer:
    """The page that says what will happen, before it does."""
    if action not in CHANGES:
        raise not_found("there is no such switch")
    release = Releases(visit.environment.catalog).current()
    now = controls(visit.environment)
    return page(visit, "sending.html", action=action, controls=now, shop=shop_of(release))


def switch(visit: Visit, action: str) -> Answer:
    """Sets the switch at once."""
    if action not in CHANGES:
        raise not_found("there is no such switch")
    with noted(visit, f"sending.{action}", {}):
        change(visit.environment, CHANGES[action], operator(visit))
    return redirect(visit, ROOT)


def go_on(visit: Visit) -> Answer:
    """Lets marketing of a channel go on that stopped by itself."""
    channel = visit.form.get("channel", "")
    if not channel:
        raise malformed("the form names no channel")
    with noted(visit, "channel.resumed", {"channel": channel[:20]}):
        resume(visit.environment, channel, operator(visit))
    return redirect(visit, ROOT)


def operator(visit: Visit) -> Source:
    """Who acts, as the admin API names the holder of a key: trusted, and by the name of the account."""
    return Source(visit.signed_in.name, "console", trusted=True)
