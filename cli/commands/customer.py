"""`kervan customer`: who somebody is and why, what happened, what was sent and why not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from cli.commands import customer_consent_proof, customer_consents, customer_links, customer_privacy, customer_timeline
from cli.commands.customer_id import Id
from cli.deployment.api import admin_api, quoted
from cli.output.evidence import why
from cli.output.tables import Json, as_json, pairs, table, when

app = typer.Typer(
    help="One customer: the whole picture, everything that happened, and what was sent.", no_args_is_help=False
)
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")]


@app.command()
def show(context: typer.Context, identifier: Id, json: Json = False) -> None:
    """The customer that an identifier belongs to."""
    found = admin_api(*context.obj).get(f"/v1/customers/{quoted(identifier)}")
    if json:
        as_json(found)
        return
    orders = found["orders"]
    pairs(
        f"Customer {found['id']}",
        {
            "identifiers": found["identifiers"],
            "traits": found["traits"],
            "consent": [_consent(channel, said) for channel, said in found["consent"].items()],
            "segments": {name: f"since {when(since)}" for name, since in found["segments"].items()},
            "cart": [_line(line) for line in found["cart"]["items"]],
            "cart changed": when(found["cart"]["updated_at"]),
            "wishlist": [_line(line) for line in found["wishlist"]],
            "orders": {name: value for name, value in orders.items() if value is not None}
            if orders["count"]
            else "none",
            "preferred channel": _preferred(found["preferred_channel"], found["preferred_channel_because"]),
            "active hours": [_hour(one) for one in found["profile"]["engagement"]["active_hours"]],
            "who": {name: said for name, said in found["profile"]["demographic"].items() if said is not None},
            "buys": [_bought(one) for one in found["profile"]["behavioural"]["categories"]],
            "looked at": [
                one["name"] or one["product_id"] for one in found["profile"]["behavioural"]["viewed_products"]
            ],
            "journeys": [_journey(enrollment) for enrollment in found["journeys"]],
        },
    )


@app.command()
def find(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A name's beginning, an address, or a number.")],
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many.")] = 20,
    json: Json = False,
) -> None:
    """Find a customer by name, e-mail, phone, card, user id or order number."""
    items = list(itertools.islice(_found(context, text), limit))
    if json:
        as_json({"items": items})
        return
    rows = [
        (item["name"] or "", ", ".join(item["identifiers"][:4]), item["found_by"], str(item["orders"]),
         when(item["last_at"]), item["id"])
        for item in items
    ]  # fmt: skip
    table(
        f"Found by {text}", ("name", "identifiers", "by", "orders", "last (UTC)", "id"), rows, empty="nobody is found"
    )


def _found(context: typer.Context, text: str) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = admin_api(*context.obj).get("/v1/customers", q=text, cursor=cursor)
        yield from page["items"]
        cursor = page["cursor"]
        if not cursor:
            return


app.command("timeline")(customer_timeline.timeline)
app.command("links")(customer_links.links)
app.command("release")(customer_links.release)
app.command("relink")(customer_links.relink)
app.command("consents")(customer_consents.consents)
app.command("consent-proof")(customer_consent_proof.consent_proof)
app.command("export")(customer_privacy.export)
app.command("erase")(customer_privacy.erase)


@app.command()
def messages(context: typer.Context, identifier: Id, limit: Limit = 50, json: Json = False) -> None:
    """What was sent, what was not, and why."""
    items = list(admin_api(*context.obj).items(f"/v1/customers/{quoted(identifier)}/messages", limit=limit))
    if json:
        as_json({"items": items})
        return
    rows = [
        (when(item["sent_at"] or item["at"]), item["journey"], item["step"], item["channel"], item["state"],
         why(item["reason"], item["evidence"]) or item["text"])
        for item in items
    ]  # fmt: skip
    columns = ("time (UTC)", "journey", "step", "channel", "outcome", "why, or what it said")
    table(f"Messages to {identifier}", columns, rows, empty="no message yet")


def _line(line: dict[str, Any]) -> str:
    return f"{line['quantity']} x {line.get('name') or line['product_id']}"


def _preferred(channel: str | None, because: dict[str, Any]) -> str:
    """The channel and why, in numbers where it was learned."""
    learned = [
        f"{name} {one['answered']} of {'at least ' if one['at_least'] else ''}{one['received']} answered"
        for name, one in because.get("channels", {}).items()
    ]
    why = {"said": "said so", "learned": "learned", "too_little": "too few messages", "no_reaction": "no reaction yet"}
    return f"{channel or 'unknown'} ({', '.join([why[because['by']], *learned])})"


def _hour(one: dict[str, Any]) -> str:
    return f"{one['hour']:02d}:00 ({one['days']} days)"


def _bought(one: dict[str, Any]) -> str:
    return f"{one['category']}: {one['orders']} orders, {one['amount']:.2f}"


def _consent(channel: str, said: dict[str, Any]) -> str:
    return ", ".join(f"{channel} {purpose}: {'yes' if state['granted'] else 'no'}" for purpose, state in said.items())


def _journey(enrollment: dict[str, Any]) -> str:
    """The enrollment in a journey: how far it is, and why it ended or left a step out."""
    steps = [
        f"{step['step']}" + (f" skipped ({why(step['reason'], step['evidence'])})" if "reason" in step else "")
        for step in enrollment["steps"]
    ]
    reached = f": {', '.join(steps)}" if steps else ""
    return (
        f"{enrollment['journey']} {enrollment['state']}"
        + (f" ({_why(enrollment)})" if enrollment.get("reason") else "")
        + reached
    )


def _why(enrollment: dict[str, Any]) -> str:
    """``stopped_ordered by order S-1, store, loyalty:L7, known by the link of loyalty:L7 to user:42``."""
    because = enrollment.get("evidence", {})
    if "order" not in because:
        return why(enrollment["reason"], because)
    by = ", ".join(str(because[word]) for word in ("order", "order_channel", "order_on") if because.get(word))
    link = f", known by the link of {' to '.join(because['link'])}" if "link" in because else ""
    return f"{enrollment['reason']} by order {by}{link}"
