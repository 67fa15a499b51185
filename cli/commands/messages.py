"""`kervan messages`: what a template would say, to whom, on which channel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from cli.deployment.api import admin_api, quoted
from cli.failure import Failure, WrongUse, of_disk
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, table

app = typer.Typer(help="Messages before they are sent: look at a template, send a test.", no_args_is_help=False)

Name = Annotated[str, typer.Argument(metavar="TEMPLATE", help="The name of a template, such as cart-offer.")]
ChannelName = Literal["email", "sms", "push"]
SampleName = Literal["one", "two", "three", "four", "many"]


@app.command()
def preview(
    context: typer.Context,
    template: Name,
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="ID", help="An identifier such as user:42.")
    ] = None,
    sample: Annotated[
        SampleName | None, typer.Option("--sample", help="A made-up customer with so many products; two if absent.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Such as tr; the customer's own if absent.")
    ] = None,
    channel: Annotated[ChannelName | None, typer.Option("--channel", help="Only this one.")] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--definitions", metavar="DIR", help="A folder that is not published; needs no deployment."),
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page for the browser.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open that page.")] = False,
    json: Json = False,
) -> None:
    """Show what a template would say, made by the code that sends it. Sends and stores nothing."""
    if customer is not None and sample is not None:
        raise WrongUse("name --customer or --sample, not both")
    if customer is not None and folder is not None:
        raise WrongUse("a folder knows no customers: name --sample, or leave --definitions out")
    if folder is not None:
        from cli.preview.from_folder import preview_of_folder

        shown = preview_of_folder(folder, template, sample or "two", language=language, channel=channel)
    else:
        asked = {"customer": customer, "sample": sample, "language": language, "channel": channel}
        body = {name: value for name, value in asked.items() if value is not None}
        shown = admin_api(*context.obj).post(f"/v1/templates/{quoted(template)}/preview", body)
    page = _page(shown, html, open_=open_)
    if json:
        as_json(shown)
    else:
        _tell(shown)
        if page is not None:
            line(escape(f"The page is {page}"))
    if all(one["problem"] for one in shown["channels"]):
        raise Failure(f"{template}: {shown['channels'][0]['problem']}")


@app.command("test")
def send_test(
    context: typer.Context,
    template: Name,
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="A name of test_recipients in shop.yaml.")],
    channel: Annotated[ChannelName | None, typer.Option("--channel", help="Only this one.")] = None,
    json: Json = False,
) -> None:
    """Send a template to a test recipient with the next tick: through the same gates, counted nowhere."""
    body = {"to": to} | ({"channel": channel} if channel else {})
    sent = admin_api(*context.obj).post(f"/v1/templates/{quoted(template)}/test", body)
    if json:
        as_json(sent)
        return
    line(escape(f"{template} goes to {to} by {', '.join(sent['channels'])} within a minute:"))
    line(escape(f"    kervan customer messages {sent['recipient']}"))


def _page(shown: dict[str, Any], html: Path | None, *, open_: bool) -> Path | None:
    """Writes the page, readable by its owner only, because it may show a customer."""
    if html is None and not open_:
        return None
    from cli import paths
    from cli.preview.page import preview_page

    file = html or paths.path("previews") / f"{shown['template']}.html"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as target:
            target.write(preview_page(shown))
    except OSError as problem:
        raise of_disk(problem, str(file)) from problem
    if open_:
        import webbrowser

        if not webbrowser.open(file.resolve().as_uri()):
            line(escape(f"No browser could be started; open {file}"))
    return file


def _tell(shown: dict[str, Any]) -> None:
    whom = f"customer {shown['customer']}" if shown["customer"] else f"the made-up customer {shown['sample']}"
    line(escape(f"{shown['template']} for {whom}"))
    for one in shown["channels"]:
        if one["missing"]:
            said = f"{one['channel']} would be skipped as content_missing: {', '.join(one['missing'])} is empty"
            line(f"[yellow]warning[/yellow] {escape(said)}")
    table("", ("channel", "language", "says", "how"), [_row(one) for one in shown["channels"]], empty="")
    for one in shown["channels"]:
        if one["email"]:
            line(escape(one["email"]["text"]))


def _row(one: dict[str, Any]) -> tuple[str, str, str, str]:
    how, says = one["problem"] or "", ""
    if email := one["email"]:
        says = email["subject"] + (f"\n{email['preheader']}" if email["preheader"] else "")
        how = f"{email['bytes'] / 1024:.1f} KB of HTML"
    if sms := one["sms"]:
        says = sms["text"]
        how = f"{counted(sms['parts'], 'part')}, {sms['units']} characters, {sms['encoding']}"
        how += f" because of {sms['forces_ucs2']}" if sms["forces_ucs2"] else ""
        how += f", {sms['price']['text']}" if sms["price"] else ""
    if push := one["push"]:
        says = f"{push['title']}\n{push['body']}"
        cut = [system for system, shown in push["shown"].items() if shown["shortened"]]
        how = f"shortened on the lock screen of {', '.join(cut)}" if cut else "shown whole on a lock screen"
    return one["channel"], one["language"] or "", says, how
