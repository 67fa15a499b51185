"""`kervan status` and `kervan stop`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli import paths
from cli.commands.segments import backfill_said
from cli.definitions.orders_from import notices
from cli.deployment.api import AdminApi, admin_api
from cli.failure import Failure
from cli.local import clock, server
from cli.local.activity_messages import said
from cli.local.emulator import ACTIVITY
from cli.output.tables import Json, as_json, line, pairs


def status(context: typer.Context, json: Json = False) -> None:
    """Whether the deployment answers; for the local stack also its time and what it is doing."""
    api = admin_api(*context.obj)
    segments = api.get("/v1/segments")
    journeys = len(list(api.items("/v1/journeys")))
    found: dict[str, object] = {"endpoint": api.endpoint, "segments": len(segments["items"]), "journeys": journeys}
    found["backfill"] = segments["backfill"]
    found["orders_from"] = segments["orders_from"]
    channels = api.get("/v1/channels")["items"]
    found["channels"] = channels
    found["requests"] = _requests(api)
    base = server.running()
    if base and api.endpoint == paths.read(paths.LOCAL).get("endpoint"):
        activity = server.ask(base, ACTIVITY)
        found |= {
            "aws_endpoint": base,
            "now": f"{clock.now():%Y-%m-%dT%H:%M:%SZ}",
            "activity": activity,
            "home": str(paths.home()),
        }
    if json:
        as_json(found)
        return
    told = {
        "backfill": backfill_said(segments["backfill"]),
        "channels": None,
        "requests": None,
        "activity": said(found.get("activity")),
    }
    pairs("Kervan", found | told)
    for channel in channels:
        if channel["state"] != "sending":
            line(_outage(channel))
        if channel["suspended"] is not None:
            line(_suspended(channel))
        if channel["warm_up"] is not None:
            volume = channel["warm_up"]
            line(f"{channel['channel']}: the sender is new; {volume['used']} of today's {volume['daily']} are used.")
        if channel["quota"] is not None:
            line(_quota(channel["quota"]))
    due = _requests_said(found["requests"])
    if due:
        line(due)
    for notice in notices(segments["orders_from"]):
        line(notice)


def _requests(api: AdminApi) -> dict[str, int]:
    """How many requests of people must be answered soon (docs/privacy.md#cases)."""
    waiting = list(api.items("/v1/cases", state="waiting"))
    counted = {"within_week": "urgent", "within_two_days": "pressing", "overdue": "overdue"}
    return {name: sum(bool(one[field]) for one in waiting) for name, field in counted.items()}


def _requests_said(due: Any) -> str:
    if not due["within_week"]:
        return ""
    return (
        f"Requests of people to be answered within a week: {due['within_week']}, within two days: "
        f"{due['within_two_days']}, overdue: {due['overdue']}. See `kervan privacy cases --state waiting`."
    )


def _suspended(channel: dict[str, Any]) -> str:
    name, found = channel["channel"], channel["suspended"]
    counts = f"{found['bounced']} bounces and {found['complained']} complaints of {found['sent']} messages"
    return (
        f"{name}: marketing stopped on {found['since']} because of {found['because']} ({counts} in seven days). "
        f"Repair the cause, then: kervan sending resume --channel {name}"
    )


def _quota(quota: dict[str, Any]) -> str:
    if not quota["enabled"]:
        return f"email: SES does not send for this account ({quota['at']}). Read AWS's message in the SES console."
    sent, most, marketing = quota["sent_in_24h"], quota["per_day"], quota["for_marketing"]
    sandbox = "" if quota["production"] else " The account is in the sandbox: only verified addresses get mail."
    if most is None:
        return f"email: SES sets no daily limit; {sent:,} messages in 24 hours.{sandbox}"
    full = " Marketing waits for room." if sent >= marketing else ""
    rate = f"{quota['per_second']:,} a second"
    return f"email: {sent:,} of SES's {most:,} messages in 24 hours are used, {rate}, {quota['at']}.{full}{sandbox}"


def _outage(channel: dict[str, Any]) -> str:
    name, since, cause = channel["channel"], channel["since"], channel["cause"]
    if channel["state"] == "recovering":
        return f"{name}: the provider works again after the outage that began {since}; what waited goes out in turn."
    probe = channel["next_probe_at"]
    return f"{name}: the provider takes no messages since {since} ({cause}); messages wait, next try {probe}."


def stop(
    clean: Annotated[bool, typer.Option("--clean", help="Also remove customers, messages and clock.")] = False,
    json: Json = False,
) -> None:
    """End the local stack. The next `make run` goes on with the same customers, messages and clock."""
    try:
        stopped = server.stop()
    except OSError as problem:
        raise Failure(f"the local stack could not be ended: {problem}") from problem
    paths.path(paths.LOCAL).unlink(missing_ok=True)
    if clean:
        server.forget()
    if json:
        as_json({"stopped": stopped, "clean": clean})
        return
    line("The local stack is stopped." if stopped else "No local stack was running.")
    if clean:
        line("The next `make run` begins anew.")
