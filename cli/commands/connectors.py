"""`kervan connectors`: shops that report by webhooks, their secrets, what a delivery becomes (docs/connectors.md)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.commands.stage_option import Stage
from cli.failure import WrongUse
from cli.output.tables import Json, as_json, line, table

app = typer.Typer(help="Shops that report by webhooks.", no_args_is_help=False)

Name = Annotated[str, typer.Argument(metavar="CONNECTOR", help="The name of the connector, such as moda.")]
Kind = Literal["orders", "customers", "products"]
MOST_LETTERS = 2_000


@app.command("list")
def list_connectors(stage: Stage = "local", json: Json = False) -> None:
    """The published connectors, and the path to which each shop reports."""
    from cli.catalog import catalog_table
    from shared.domain.connectors.connector import Connector
    from shared.stores.connectors import CONNECTOR

    stored = catalog_table(stage).scan_prefix(f"{CONNECTOR}#")
    found = sorted(
        (Connector.model_validate_json(item["definition"]) for item in stored), key=lambda one: one.connector
    )
    items = [
        {
            "connector": one.connector,
            "platform": one.platform,
            "shop": one.shop,
            "path": f"/v1/hooks/shops/{one.connector}",
        }
        for one in found
    ]
    if json:
        as_json({"items": items})
        return
    rows = [(item["connector"], item["platform"], item["shop"] or "", item["path"]) for item in items]
    table("Connectors", ("connector", "platform", "shop", "path"), rows, empty="no connector is published")


@app.command()
def secret(
    connector: Name,
    next_: Annotated[
        bool, typer.Option("--next", help="The secret that replaces the present one; until then both count.")
    ] = False,
    stage: Stage = "local",
    json: Json = False,
) -> None:
    """Store the secret that deliveries are signed with, read from standard input. It is never shown.

    Without --next the secret becomes the only one.
    """
    from cli.deployment.sender_secrets import put_sender_secret
    from shared.domain.connectors.connector import NEXT_SECRET, SECRET

    value = typer.prompt(f"secret of {connector}", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    value = value.rstrip("\r\n")
    if not value or len(value) > MOST_LETTERS:
        raise WrongUse(f"give the secret on standard input, at most {MOST_LETTERS} letters")
    holder = f"shop-{connector}"
    put_sender_secret(stage, "hooks", holder, NEXT_SECRET if next_ else SECRET, value)
    if not next_:
        put_sender_secret(stage, "hooks", holder, NEXT_SECRET, "")
    if json:
        as_json({"connector": connector, "stored": NEXT_SECRET if next_ else SECRET})
    else:
        line("It is stored. Running functions use it within five minutes.")


@app.command("try")
def try_delivery(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The body of a delivery, as JSON.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="The definition of a connector; of Shopify if absent.")
    ] = None,
    topic: Annotated[str, typer.Option("--topic", help="What the delivery is about, such as orders/create.")] = "",
    platform: Annotated[str, typer.Option("--platform", help="shopify or woocommerce, without --mapping.")] = "shopify",
    header: Annotated[list[str] | None, typer.Option("--header", help="A header, as 'X-Topic: order'.")] = None,
    json: Json = False,
) -> None:
    """Show what a delivery becomes: events, products, stock and warnings. Nothing is sent or stored."""
    from cli.connectors.trying import connector_of, translated

    connector = connector_of(mapping, platform)
    found = translated(connector, file, topic, header or [])
    if json:
        as_json(found)
        return
    _show(found)


def _show(found: dict[str, Any]) -> None:
    from rich.markup import escape

    rows = [(one["event"], one["time"][:19], one["who"], one["says"]) for one in found["shown"]]
    table("Events", ("event", "time (UTC)", "who", "says"), rows, empty="it becomes no event")
    products = [
        (one["id"], one["name"], f"{one['price']} {one['currency']}", one["availability"]) for one in found["products"]
    ]
    if products:
        table("Products", ("id", "name", "price", "availability"), products, empty="")
    levels = [(one["sku"] or f"item {one['item']}", one["location"], one["quantity"]) for one in found["stock"]]
    if levels:
        table("Stock", ("sku", "location", "pieces"), levels, empty="")
    for item in found["gone"]:
        line(escape(f"item {item} is deleted: it has no pieces, and its product cannot be bought"))
    for one in found["warnings"]:
        line(escape(f"warning: {one['field']} {one['reason']}"))


@app.command()
def backfill(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="orders, customers or products.")],
    folder: Annotated[Path, typer.Option("--output", help="The folder that the files are written into.")],
    definition: Annotated[Path, typer.Option("--connector", help="The definition of the connector.")],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Answers of the shop's REST API; else it is asked.")
    ] = None,
    topic: Annotated[str, typer.Option("--topic", help="For a mapping: what the header would say.")] = "",
    json: Json = False,
) -> None:
    """Read what the shop held before its first delivery into files that are imported as history.

    Without a FILE the shop's REST API is asked, with the token that stands on standard input: Shopify's access token,
    or WooCommerce's key and secret with a colon between them. It is kept nowhere.
    """
    from cli.connectors.backfill import objects_of_file, write_backfill
    from cli.connectors.shop_rest import TOPICS, https_get, objects_of_shop
    from cli.connectors.trying import connector_of

    connector = connector_of(definition, "")
    if connector.mapping is None:
        topic = TOPICS[connector.platform][kind]
    if files:
        objects: Iterator[Any] = (one for file in files for one in objects_of_file(file))
    elif connector.mapping is not None or connector.shop is None:
        raise WrongUse("name the files: only a shop of Shopify or WooCommerce, with shop: in its definition, is asked")
    else:
        token = typer.prompt("token", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
        objects = objects_of_shop(connector.platform, connector.shop, kind, token.strip(), get=https_get)
    done = write_backfill(connector, topic, objects, folder)
    unused = [{"field": one, "reason": reason, "count": number} for (one, reason), number in done.unused.most_common()]
    if json:
        counts = {"objects": done.objects, "events": done.events, "products": done.products, "levels": done.levels}
        as_json({"folder": str(folder), **counts, "unused": unused})
        return
    line(f"{done.objects:,} {kind}: {done.events:,} events, {done.products:,} products, {done.levels:,} levels.")
    for one in unused:
        line(f"{one['count']:,} not used: {one['field']} {one['reason']}")
    following = (
        (done.events, "kervan import events", "events.ndjson"),
        (done.products, "kervan products import", "products.ndjson"),
        (done.levels, "kervan stock import", "stock.csv"),
    )
    for number, command, name in following:
        if number:
            line(f"Next: {command} {folder / name}")
