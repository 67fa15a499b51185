"""`kervan campaigns`: check, test, schedule, watch and cancel a one-off send to a segment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.definitions.campaigns import read_campaign
from cli.deployment.api import admin_api, quoted
from cli.failure import Failure, WrongUse
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, pairs, table, when

app = typer.Typer(help="Campaigns: one template to one or several segments, once.", no_args_is_help=False)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A YAML file that begins with campaign:.")]
Name = Annotated[str, typer.Argument(metavar="NAME")]


@app.command()
def check(context: typer.Context, file: File, json: Json = False) -> None:
    """What a campaign says, what is wrong with it, and whom it would reach. Sends nothing."""
    checked = admin_api(*context.obj).post("/v1/campaigns/check", read_campaign(file))
    if json:
        as_json(checked)
    else:
        _tell(checked)
    if checked["problems"]:
        raise Failure(_first(checked))


@app.command()
def schedule(
    context: typer.Context,
    file: File,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Schedule a campaign, after saying whom it would reach. The same file once more changes nothing."""
    if json and not yes:
        raise WrongUse("--json asks nothing: give --yes beside it")
    api, campaign = admin_api(*context.obj), read_campaign(file)
    checked = api.post("/v1/campaigns/check", campaign)
    if checked["problems"]:
        raise Failure(_first(checked))
    if not json:
        _tell(checked)
        if not yes:
            typer.confirm("Schedule it?", abort=True)
    scheduled = api.post("/v1/campaigns", campaign)
    if json:
        as_json(scheduled)
        return
    line(f"{scheduled['name']} is {scheduled['state']}; it begins at {when(scheduled['begins'])} UTC.")
    line(f"kervan campaigns show {scheduled['name']}")


@app.command("test")
def send_test(context: typer.Context, file: File, json: Json = False) -> None:
    """Send to the test recipients with the next tick: through the same gate, counted nowhere."""
    sent = admin_api(*context.obj).post("/v1/campaigns/test", read_campaign(file))
    if json:
        as_json(sent)
        return
    people = sent["recipients"]
    line(f"{sent['name']} goes to {counted(len(people), 'test recipient')} within a minute:")
    for recipient in people:
        line(f"    kervan customer messages {recipient}")


@app.command("list")
def list_campaigns(context: typer.Context, json: Json = False) -> None:
    """Every campaign and how far it is, the newest first."""
    items = list(admin_api(*context.obj).items("/v1/campaigns"))
    if json:
        as_json({"items": items})
        return
    rows = [
        (item["name"], item["state"], _who(item), when(item["begins"]), _estimate(item), item["handed_over"],
         item["sent"])
        for item in items
    ]  # fmt: skip
    table(
        "Campaigns",
        ("name", "state", "segment", "begins (UTC)", "members", "handed over", "sent"),
        rows,
        empty="no campaign was scheduled: `kervan campaigns schedule FILE`",
    )


@app.command()
def show(context: typer.Context, name: Name, json: Json = False) -> None:
    """How far a campaign is: handed over, sent, not sent and why."""
    item = admin_api(*context.obj).get(f"/v1/campaigns/{quoted(name)}")
    if json:
        as_json(item)
        return
    line(item["says"]["tr"])
    line(item["says"]["en"])
    pairs(
        name,
        {
            "state": item["state"],
            "begins (UTC)": when(item["begins"]),
            "cancelled (UTC)": when(item["cancelled_at"]),
            "members then": _estimate(item),
            "stopped by itself": _stopped(item["stopped"]),
            "looked up": item["walked"],
            "left out by a segment": item["left_out"] or None,
            "waiting for their local time": item["waiting"] or None,
            "handed over": item["handed_over"],
            "without an outcome yet": item["open"] or None,
            "without a counted outcome": item["uncounted"] or None,
        },
    )
    for warning in item["warnings"]:
        line(f"[yellow]warning[/yellow] {warning}")
    table("Outcomes", ("", "messages"), item["outcomes"].items(), empty="no message has an outcome yet")


@app.command()
def cancel(context: typer.Context, name: Name, json: Json = False) -> None:
    """Stop a campaign now: who has not got it, gets none."""
    item = admin_api(*context.obj).post(f"/v1/campaigns/{quoted(name)}/cancel", {})
    if json:
        as_json(item)
        return
    line(f"{name} is cancelled; {item['sent']} were sent, the rest get none.")


def _who(item: dict[str, Any]) -> str:
    without = f" except {', '.join(item['except'])}" if item["except"] else ""
    return ", ".join(item["segments"]) + without


def _stopped(stopped: dict[str, Any] | None) -> str | None:
    if stopped is None:
        return None
    counts = ", ".join(f"{counted} {stopped[counted]}" for counted in ("sent", "bounced", "complained"))
    return f"{stopped['because']} passed {stopped['limit']:g}% ({counts})"


def _tell(checked: dict[str, Any]) -> None:
    for problem in checked["problems"]:
        line(f"[red]{problem['file']}: {problem['path']}[/red]: {problem['message']}; {problem['remedy']}")
    if checked["problems"]:
        return
    line(checked["says"]["tr"])
    line(checked["says"]["en"])
    reach = checked["reach"]
    more = " or more" if reach["members_at_least"] else ""
    members = counted(reach["members"], "member") + more
    line(f"{members}; begins at {when(checked['begins'])} UTC, release {checked['release']}.")
    if reach["sample"]:
        ways = ", ".join(f"{channel} {count}" for channel, count in reach["by_channel_in_sample"].items())
        line(f"Of {reach['sample']} looked at, {reach['reachable_in_sample']} can be reached ({ways}).")
    for warning in checked["warnings"]:
        line(f"[yellow]warning[/yellow] {warning}")


def _first(checked: dict[str, Any]) -> str:
    first = checked["problems"][0]
    place = f"{first['file']}: {first['path']}" if first["path"] else first["file"]
    return f"{place}: {first['message']}; {first['remedy']}"


def _estimate(item: dict[str, Any]) -> str:
    return f"{item['estimate']}{' or more' if item['estimate_at_least'] else ''}"
