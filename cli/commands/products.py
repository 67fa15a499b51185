"""`kervan products`: products from a feed, and what is known of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.commands.stage_option import Stage
from cli.deployment.api import admin_api
from cli.failure import Failure, WrongUse
from cli.importing.product_images import image_problems
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, table, working
from shared.adapters.guarded_https import GuardedHttps
from shared.adapters.product_feed import FeedRow, Reading, UnreadableFeed, read_feed
from shared.domain.connectors.feed import Pull
from shared.domain.identity.keys import time_text

app = typer.Typer(help="Products of the shop: messages take names, prices and images of now from them.")
AT_ONCE = 200
SHOWN = 5
STATES = ("new", "changed", "unchanged", "older")


@app.command("import")
def import_products(
    context: typer.Context,
    feed: Annotated[
        Path,
        typer.Argument(metavar="FEED", help="A Google Merchant feed (XML, TSV, CSV), or NDJSON."),
    ],
    currency: Annotated[str, typer.Option(help="Of prices that name none.")] = "",
    json: Json = False,
) -> None:
    """Take the products of a feed. What has not changed is not written; what cannot be taken is told by its place."""
    api = admin_api(*context.obj)
    done: dict[str, Any] = dict.fromkeys(STATES, 0) | {"refused": []}
    with contextlib.nullcontext() if json else working(f"products of {feed.name}"):
        for batch in _batches(read_feed(feed, Reading(datetime.now(UTC)))):
            right = [row for row in batch if row.product is not None]
            done["refused"] += [
                {"place": row.place, "id": row.id, "field": row.field, "message": row.problem}
                for row in batch
                if row.product is None
            ]
            if not right:
                continue
            named = {"currency": currency} if currency else {}
            body = {"items": [row.product for row in right], "keep_unsaid": True, **named}
            answer = api.post("/v1/products", body)
            for state in STATES:
                done[state] += answer[state]
            for wrong in answer["refused"]:
                row = right[wrong["index"]]
                about = {"place": row.place, "id": row.id}
                done["refused"].append({**about, "field": wrong["field"], "message": wrong["message"]})
    if json:
        as_json({"feed": str(feed), **done})
    else:
        line(", ".join(f"{done[state]:,} {state}" for state in STATES) + ".")
        rows = [(one["place"], one["id"], one["message"]) for one in done["refused"][:SHOWN]]
        if rows:
            table("Refused", ("place", "id", "why"), rows, empty="")
    if not sum(done[state] for state in STATES) and not done["refused"]:
        raise Failure(f"{feed} holds no product")
    if done["refused"]:
        raise Failure(f"{counted(len(done['refused']), 'product')} of {feed} cannot be taken; --json lists all of them")


@app.command("list")
def list_products(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="An id, or how the name begins.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """Products by name, with what they cost."""
    items = list(islice(admin_api(*context.obj).items("/v1/products", limit=limit, q=text), limit))
    if json:
        as_json({"items": items})
        return
    rows = [
        (
            item["id"],
            item["name"],
            f"{item['sale_price'] or item['price']} {item['currency']}",
            item["price"] if item["sale_price"] else "",
            item["availability"],
            item["changed_at"],
        )
        for item in items
    ]
    table("Products", ("id", "name", "price", "before", "availability", "changed"), rows, empty="no such product")


@app.command("images")
def check_images(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="An id, or how the name begins.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Look at so many products at most.")] = 500,
    json: Json = False,
) -> None:
    """Look whether the pictures of products are there, and small enough for messages; none is loaded."""
    items = list(islice(admin_api(*context.obj).items("/v1/products", limit=min(limit, 100), q=text), limit))
    with contextlib.nullcontext() if json else working(f"pictures of {counted(len(items), 'product')}"):
        found = list(image_problems(((item["id"], item["image_url"]) for item in items), GuardedHttps()))
    if json:
        as_json({"looked_at": len(items), "items": [asdict(one) for one in found]})
    else:
        rows = [(one.id, one.problem, one.url) for one in found]
        table("Pictures", ("product", "what is wrong", "address"), rows, empty="all pictures are shown")
    if found:
        raise Failure(f"{counted(len(found), 'picture')} of {counted(len(items), 'product')} will not be shown well")


def _batches(rows: Iterator[FeedRow]) -> Iterator[list[FeedRow]]:
    try:
        while batch := list(islice(rows, AT_ONCE)):
            yield batch
    except UnreadableFeed as broken:
        raise WrongUse(str(broken)) from broken


@app.command("feeds")
def list_feeds(stage: Stage = "local", json: Json = False) -> None:
    """The feeds that are pulled on a schedule, what the last pull brought, and which products it refused."""
    from cli.catalog import catalog_table
    from shared.stores.feeds import Feeds

    feeds = Feeds(catalog_table(stage).table)
    items = [_feed(one.feed, one.url, one.every, feeds.last(one.feed)) for one in feeds.all()]
    if json:
        as_json({"items": items})
        return
    names = ("feed", "state", "products", "written", "refused", "pulled_at", "next_at")
    rows = [tuple(item[name] if item[name] is not None else "" for name in names) for item in items]
    table("Feeds", names, rows, empty="no feed is published")
    for item in items:
        if item["failure"]:
            line(f"{item['feed']}: {item['failure']}")
        for one in item["refusals"]:
            line(escape(f"{item['feed']}: product {one['place']} ({one['id']}): {one['problem']}"))


def _feed(name: str, url: str, every: str, last: Pull | None) -> dict[str, Any]:
    if last is None:
        nothing = dict.fromkeys(("products", "written", "same", "refused", "pulled_at", "next_at", "failure"))
        return {"feed": name, "url": url, "every": every, "state": "not pulled yet", **nothing, "refusals": []}
    return {
        "feed": name,
        "url": url,
        "every": every,
        "state": last.state,
        "products": last.products,
        "written": last.written,
        "same": last.same,
        "refused": last.refused,
        "pulled_at": time_text(last.ended_at),
        "next_at": time_text(last.next_at),
        "failure": last.failure or None,
        "refusals": [{"place": one.place, "id": one.id, "problem": one.problem} for one in last.refusals],
    }
