"""`kervan conversations`: the pool of conversations, and what agents do with them."""

from __future__ import annotations

import base64
import secrets
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.deployment.api import AdminApi, admin_api, quoted
from cli.failure import Failure, WrongUse
from cli.local.running import local_stack
from cli.output.counted import counted
from cli.output.tables import Json, as_json, line, table

app = typer.Typer(help="Conversations of all channels: the pool, answers, notes, assignments.", no_args_is_help=False)
STATES = ("open", "waiting", "snoozed", "closed", "spam")
INBOUND_CHANNELS = ("email", "sms", "whatsapp", "instagram", "messenger", "chat", "store")
CHANNELS = (*INBOUND_CHANNELS, "push")
KINDS = ("question", "complaint", "return", "refund")
PRIORITIES = ("low", "normal", "high", "urgent")
Id = Annotated[str, typer.Argument(metavar="CONVERSATION")]
Text = Annotated[str, typer.Argument(metavar="TEXT")]
Agent = Annotated[str, typer.Option(help="Who says it.")]
SHORT = 60


@app.command("list")
def list_conversations(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help=f"{', '.join(STATES)}; open if absent.")] = None,
    assignee: Annotated[
        str | None, typer.Option(help='What lies on an agent\'s desk; "" for what nobody works on.')
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Those that were promised an answer; who is due first comes first.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """Conversations; who has waited longest comes first."""
    if due and (state is not None or assignee is not None):
        raise WrongUse("--due takes neither --state nor --assignee: it lists who is to be answered next")
    if state is not None and state not in STATES:
        raise WrongUse(f"{state} is no state: {', '.join(STATES)}")
    api = admin_api(*context.obj)
    asked = {"order": "due"} if due else {"state": state, "assignee": assignee}
    items = list(islice(api.items("/v1/conversations", limit=limit, **asked), limit))
    if json:
        as_json({"items": items})
        return
    rows = [
        (
            one["id"],
            one["state"],
            one["kind"],
            one["channel"],
            one["customer"],
            one["waiting_since"] or "",
            _due(one),
            one["assignee"] or "",
            one["subject"][:SHORT],
        )
        for one in items
    ]
    heads = ("id", "state", "kind", "channel", "customer", "waiting since", "due", "assignee", "subject")
    table("Conversations", heads, rows, empty="no conversation")


def _due(one: dict[str, Any]) -> str:
    """Until when an answer was promised, and whether that is over."""
    return "" if one["due_at"] is None else one["due_at"] + (" late" if one["late_at"] else "")


@app.command("show")
def show(context: typer.Context, conversation: Id, json: Json = False) -> None:
    """A conversation with its messages and notes, the oldest first."""
    found = _shown(admin_api(*context.obj), conversation)
    if json:
        as_json(found)
        return
    who = ", ".join(member["customer"] for member in found["members"])
    line(f"{found['id']} ({found['state']}, {found['kind']}) with {escape(who)}")
    rows = [
        (
            message["at"],
            {"in": "customer", "out": message["author"], "note": f"note of {message['author']}"}[message["direction"]],
            message["channel"],
            " ".join(filter(None, (message["delivery"], message["reason"]))),
            message["text"],
        )
        for message in found["messages"]
    ]
    table("Messages", ("at", "who", "channel", "delivery", "text"), rows, empty="no message")
    line("answer by: " + (", ".join(one["channel"] for one in found["channels"]) or "no channel reaches the customer"))


@app.command("reply")
@app.command("answer", hidden=True)
def reply(
    context: typer.Context,
    conversation: Id,
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="What is said, unless --canned.")] = None,
    agent: Agent = "operator",
    channel: Annotated[str | None, typer.Option(help="That of the last message if absent.")] = None,
    canned: Annotated[str | None, typer.Option(help="The name of a canned answer in the place of a text.")] = None,
    file: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="A file to send with it; repeatable.")
    ] = None,
    seen: Annotated[
        str | None, typer.Option(help="What was seen, from `show --json`; if absent, everything that is there now.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Names the answer: repeated with the same key, it is one.")] = None,
    json: Json = False,
) -> None:
    """Answer the customer. Something that came since you looked refuses the answer, and nothing is sent."""
    if channel is not None and channel not in CHANNELS:
        raise WrongUse(f"{channel} is no channel: {', '.join(CHANNELS)}")
    if (text is None) == (canned is None) and not (file and text is None and canned is None):
        raise WrongUse("give a text or --canned NAME; `kervan conversations canned CONVERSATION` lists the names")
    api = admin_api(*context.obj)
    found = None if seen and channel else _shown(api, conversation)
    body = {
        "seen": seen or (found or {})["seen"],
        "channel": channel or (found or {})["channel"],
        **({} if text is None else {"text": text}),
        **({} if canned is None else {"canned": canned}),
        **({"files": [_file(one) for one in file]} if file else {}),
        "agent": agent,
        "key": key or f"cli-{secrets.token_hex(8)}",
    }
    _written(api.post(f"/v1/conversations/{quoted(conversation)}/replies", body), json)


def _file(path: Path) -> dict[str, str]:
    return {"name": path.name, "content": base64.b64encode(path.read_bytes()).decode()}


@app.command("canned")
def canned_answers(context: typer.Context, conversation: Id, agent: Agent = "operator", json: Json = False) -> None:
    """Canned answers, filled for this conversation."""
    api = admin_api(*context.obj)
    found = api.get(f"/v1/conversations/{quoted(conversation)}/canned-answers", agent=agent)
    if json:
        as_json(found)
        return
    rows = [(one["name"], one["language"], ", ".join(one["channels"]), one["text"]) for one in found["items"]]
    table("Canned answers", ("name", "language", "channels", "text"), rows, empty="no canned answer is defined")


@app.command("note")
def note(context: typer.Context, conversation: Id, text: Text, agent: Agent = "operator", json: Json = False) -> None:
    """Leave a note that only agents see."""
    body = {"text": text, "agent": agent, "key": f"cli-{secrets.token_hex(8)}"}
    _written(admin_api(*context.obj).post(f"/v1/conversations/{quoted(conversation)}/notes", body), json)


@app.command("assign")
def assign(
    context: typer.Context,
    conversation: Id,
    agent: Annotated[str | None, typer.Argument(metavar="[AGENT]", help="Nobody if absent, unless --team.")] = None,
    team: Annotated[str | None, typer.Option(help="The team that works on it.")] = None,
    json: Json = False,
) -> None:
    """Say who works on it."""
    body: dict[str, Any] = {}
    if agent is not None or team is None:
        body["agent"] = agent
    if team is not None:
        body["team"] = team
    _changed(context, conversation, "assignment", body, json)


@app.command("close")
def close(context: typer.Context, conversation: Id, json: Json = False) -> None:
    """Nobody is to do anything more. A message within seven days opens it again."""
    _changed(context, conversation, "state", {"state": "closed"}, json)


@app.command("open")
def open_again(context: typer.Context, conversation: Id, json: Json = False) -> None:
    """Open it again: closed, snoozed, or marked as spam."""
    _changed(context, conversation, "state", {"state": "open"}, json)


@app.command("snooze")
def snooze(
    context: typer.Context,
    conversation: Id,
    for_: Annotated[str, typer.Argument(metavar="DURATION", help="Such as 3h or 2d.")],
    json: Json = False,
) -> None:
    """Let it rest for a while, or until the customer writes."""
    _changed(context, conversation, "state", {"state": "snoozed", "for": for_}, json)


@app.command("spam")
def spam(context: typer.Context, conversation: Id, json: Json = False) -> None:
    """Keep what this sender writes, and show it to nobody."""
    _changed(context, conversation, "state", {"state": "spam"}, json)


@app.command("set")
def set_details(
    context: typer.Context,
    conversation: Id,
    kind: Annotated[str | None, typer.Option(help=", ".join(KINDS))] = None,
    order: Annotated[str | None, typer.Option(help="The order that it is about.")] = None,
    priority: Annotated[str | None, typer.Option(help=", ".join(PRIORITIES))] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Replaces all tags; may be repeated.")] = None,
    json: Json = False,
) -> None:
    """Say what it is about. A complaint, a return or a refund holds commercial messages while it is open."""
    said = {"kind": kind, "order_id": order, "priority": priority, "tags": tag or None}
    body = {name: value for name, value in said.items() if value is not None}
    if not body:
        raise WrongUse("say what to set: --kind, --order, --priority or --tag")
    _changed(context, conversation, "details", body, json)


@app.command("merge")
def merge(
    context: typer.Context,
    conversation: Id,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="A closed conversation of the same customer.")],
    json: Json = False,
) -> None:
    """Show an older conversation of the customer with this one."""
    _changed(context, conversation, "merge", {"with": other}, json)


@app.command("receive")
def receive(
    context: typer.Context,
    text: Text,
    channel: Annotated[str, typer.Option(help=", ".join(INBOUND_CHANNELS))],
    from_: Annotated[
        str,
        typer.Option("--from", metavar="WHO", help="email:..., phone:..., or the account, such as 7781 on Instagram."),
    ],
    id_: Annotated[
        str | None, typer.Option("--id", help="The message's own id: told again, it changes nothing.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file beside it; on the channels of Meta of the local stack."),
    ] = None,
    json: Json = False,
) -> None:
    """Tell what a customer wrote or said: in a call, in a store, or to try what happens.

    On the local stack Instagram, Messenger, WhatsApp and e-mail come through the form of the real channel.
    """
    if channel not in INBOUND_CHANNELS:
        raise WrongUse(f"{channel} is no channel: {', '.join(INBOUND_CHANNELS)}")
    found = _played(context, channel, from_, text, id_, file)
    if found is None and file is not None:
        raise WrongUse("a file can be played on the local stack's Instagram, Messenger and WhatsApp only")
    if found is None:
        body = {
            "channel": channel,
            "customer": _customer(channel, from_),
            "id": id_ or f"cli-{secrets.token_hex(8)}",
            "text": text,
        }
        found = admin_api(*context.obj).post("/v1/conversations/messages", body)
    if json:
        as_json(found)
        return
    line(f"{found['state']} in conversation {found['conversation']}")


def _played(
    context: typer.Context, channel: str, who: str, text: str, id_: str | None, file: Path | None
) -> dict[str, str] | None:
    """On the local stack by the form of the channel; None elsewhere, and where the channel has none."""
    from cli.local.customer_messages import META, PLAYED, play

    if channel not in (PLAYED if file is None else META):
        return None
    try:
        stack = local_stack(*context.obj)
    except (WrongUse, Failure):
        return None
    return play(stack, channel, _customer(channel, who), text, id_, file)


@app.command("file")
def file(
    context: typer.Context,
    conversation: Id,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="As `show --json` names it.")],
    number: Annotated[
        int, typer.Argument(min=1, metavar="NUMBER", help="Of the file, as `show --json` counts them.")
    ] = 1,
    json: Json = False,
) -> None:
    """A link to a file that the customer sent, for five minutes."""
    path = f"/v1/conversations/{quoted(conversation)}/files/{quoted(message)}/{number}"
    found = admin_api(*context.obj).get(path)
    if json:
        as_json(found)
        return
    line(found["url"])


def _customer(channel: str, written: str) -> str:
    """``TYPE:VALUE`` as it is; anything else is what the channel calls its people by."""
    if ":" in written:
        return written
    if channel in ("instagram", "messenger"):
        return f"external:{channel}/{written}"
    kind = {"email": "email", "sms": "phone", "whatsapp": "phone"}.get(channel, "user")
    return f"{kind}:{written}"


def _shown(api: AdminApi, conversation: str) -> Any:
    return api.get(f"/v1/conversations/{quoted(conversation)}")


def _written(found: dict[str, Any], json: bool) -> None:
    if json:
        as_json(found)
        return
    to = f" to {escape(found['to'])}" if found["to"] else ""
    line(f"{found['direction']} {found['id']}{to} ({found['delivery'] or 'kept'})")


def _changed(context: typer.Context, conversation: str, what: str, body: dict[str, Any], json: bool) -> None:
    found = admin_api(*context.obj).post(f"/v1/conversations/{quoted(conversation)}/{what}", body)
    if json:
        as_json(found)
        return
    about = [found["state"], found["kind"], counted(found["messages_count"], "message")]
    line(f"{found['id']}: {', '.join(about)}, {found['assignee'] or 'nobody'}")
