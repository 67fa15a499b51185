"""The page docs/scale.md: what is computed stands in tables, what it means around them."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.scale.black_friday import BlackFriday, Day, Outcome
from benchmarks.scale.bottlenecks import Limit, Size, first_of, limits_of, shop_of
from benchmarks.scale.limits import CALL, PROVIDER_CALL, Limits, deployed, prepared
from benchmarks.scale.measured import Costs, costs

WAYS = ("take an event", "decide", "send", "fire a timer")
HEAD = """# How far it goes

Which limit is met first with 1, 10 and 100 million customers, and what a Black Friday would do. `make scale`
computes this page; do not edit it by hand. Nothing here was run in AWS. Costs of an event and of a message are
those that [`make bench` counted](benchmarks.md); limits are those of AWS's documents and of stage prod. Assumed:
{call:.0f} ms for a request to DynamoDB, {provider:.0f} ms for a call of SES; on the busiest day 5 percent of the
customers are active with 25 events each, a tenth of them in one hour; three events come in a request; a campaign
goes to a fifth of the customers in two hours.

## The first bottleneck of each way
"As deployed" is stage prod without settings, in an account whose quotas nobody raised, but out of SES's sandbox. A
value above 100 % means that the limit is met: work waits, or clients send again. Nothing is lost by it.
"""
PREPARED = """
## Prepared for it
The same with the settings and quotas of the Black Friday below:

`-c api_rate={api:.0f} -c stream_batches={stream} -c senders_at_once={notify} -c timers_at_once={schedule}`,
`-c warm_writes={warm:.0f}`, and quotas: {environments:,.0f} concurrent executions of Lambda,
{table:,.0f} write units of a table, {emails:,.0f} e-mails a second, {lake:.0f} MB a second of Firehose.
"""
RUSH = """
## A Black Friday in virtual time
100 million customers. From the third hour on, two hours of rise to 50,000 events a second and two of fall; a
campaign to 20 million people in the first two of them, whose answers (three events for a message) come on top.
Twelve hours, second by second: what does not fit waits, tables grow as DynamoDB on demand does, functions as
Lambda does.

| | as deployed | prepared |
|---|---:|---:|
"""
TAIL = """
What it says:

- **Not prepared, nothing is lost, and much is late.** The API's own limit (`api_rate`) holds the rush at the door.
  Clients keep events and send again; a browser that is closed does not, so those are the losses of an unprepared
  shop. The campaign is far from sent, because SES gives a new account 14 a second.
- **Prepared, the campaign goes out in time.** What is left is the partition keys of `timers`: one decision in six
  arms a timer of a membership, and all of them share eight keys. Beyond 47,000 decided events a second they hold
  decisions back, by the minutes in the table. It is a worst case: DynamoDB splits a busy key by the due time, and
  due times differ.
- `warm_writes` matters most: a table that was never busy takes 4,000 units and doubles each half hour, whatever the
  quota is. AWS charges once for raising it.

What the model leaves out: retries of single requests, cold starts, the price of logs and of data transfer,
providers that slow down, and the index of names.
"""


def page() -> str:
    """The whole page."""
    measured, sizes = costs(), [shop_of(1_000_000), shop_of(10_000_000), shop_of(100_000_000)]
    sizes.append(Size(name="10,000 events a second", events=10_000, messages=sizes[-1].messages))
    before, after = deployed(), prepared()
    text = HEAD.format(call=CALL * 1e3, provider=PROVIDER_CALL * 1e3) + _bottlenecks(sizes, before, measured)
    text += PREPARED.format(
        api=after.api, stream=after.stream, notify=after.notify, schedule=after.schedule, warm=after.warm_writes,
        environments=after.environments, table=after.table_writes, emails=after.emails, lake=after.lake_bytes / 1e6,
    )  # fmt: skip
    text += _bottlenecks(sizes, after, measured) + "\n## Every limit at 100 million customers\n"
    text += _every(limits_of(sizes[2], before, measured), limits_of(sizes[2], after, measured))
    outcomes = [BlackFriday(Day(), limits, measured).run() for limits in (before, after)]
    return text + RUSH + "".join(_rush(outcomes)) + TAIL


def _bottlenecks(sizes: list[Size], limits: Limits, measured: Costs) -> str:
    lines = ["\n| way | " + " | ".join(size.name for size in sizes) + " |\n", "|---|" + "---|" * len(sizes) + "\n"]
    found = [limits_of(size, limits, measured) for size in sizes]
    lines += [f"| {way} | " + " | ".join(_said(first_of(one, way)) for one in found) + " |\n" for way in WAYS]
    return "".join(lines)


def _said(limit: Limit) -> str:
    return f"{limit.used:.0%} of {limit.what}"


def _every(before: list[Limit], after: list[Limit]) -> str:
    lines = [
        "\n| way | limit | demand | as deployed | prepared | who raises it | how |\n",
        "|---|---|---:|---:|---:|---|---|\n",
    ]
    prepared_of = {one.what: one for one in after}
    for one in before:
        then = prepared_of[one.what]
        unit = f" {one.unit}" if one.unit else ""
        lines.append(
            f"| {one.way} | {one.what} | {one.demand:,.0f}{unit} | {one.limit:,.0f}: {one.used:.0%} "
            f"| {then.limit:,.0f}: {then.used:.0%} | {one.kind} | {one.remedy} |\n"
        )
    return "".join(lines)


def _rush(outcomes: list[Outcome]) -> Iterable[str]:
    def row(what: str, values: Iterable[str]) -> str:
        return f"| {what} | " + " | ".join(values) + " |\n"

    yield row("events stored", (f"{one.events / 1e6:,.0f} million" for one in outcomes))
    yield row(
        "events that still wait, most of them at their senders",
        (f"{one.undecided / 1e6:,.1f} million" for one in outcomes),
    )
    yield row("longest wait of an event until it is stored", (_time(one.lag["stored"]) for one in outcomes))
    yield row("longest wait of a stored event for its decision", (_time(one.lag["decided"]) for one in outcomes))
    yield row("messages sent of 20 million", (f"{one.sent / 1e6:,.1f} million" for one in outcomes))
    yield row(
        "the campaign took", (_time(one.campaign_seconds) if one.unsent < 1 else "not finished" for one in outcomes)
    )
    yield row("longest delay of a journey's step", (_time(one.lag["fired"]) for one in outcomes))
    yield row("seconds in which a table refused something", (_throttles(one.throttled) for one in outcomes))
    yield row("environments of Lambda at once", (f"{one.environments:,.0f}" for one in outcomes))
    yield row("cost of the twelve hours, without providers and lake", (f"${one.dollars:,.0f}" for one in outcomes))


def _throttles(found: dict[str, int]) -> str:
    return ", ".join(f"`{name}` {seconds:,}" for name, seconds in found.items()) or "none"


def _time(seconds: int) -> str:
    hours, rest = divmod(seconds, 3_600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {left} s" if minutes else f"{left} s"
