"""The map of what is stored, as a page and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shared.domain.privacy.data_map import ItemKind

HEAD = """# Data map

What Kervan stores in its tables, what of it tells something about a person, what for, and how long. `kervan privacy map --markdown`
writes this page from [the map in the code](../shared/domain/privacy/data_kinds.py); tests fail if an item has an attribute that the map
does not name, or if this page is older than the map.

| purpose | what it covers | legal basis, as we read the law |
|---|---|---|
| relation | knowing the customer: orders, contact, support | contract (GDPR 6(1)(b), KVKK 5/2-c); browsing before a purchase: legitimate interest or the consent of your cookie banner |
| marketing | deciding and sending what he agreed to | consent (GDPR 6(1)(a), KVKK 5/1, Law 6563) |
| proof | proving consent, refusal, erasure and what was sent | legal duty, and the defence of claims (GDPR 6(1)(c) and (f), KVKK 5/2-ç and e) |
| measure | counting and reporting | legitimate interest (GDPR 6(1)(f), KVKK 5/2-f) |
| security | holding off abuse, finding mistakes | legitimate interest |
| operation | running the system | nothing about a person, or only names of colleagues and digests |

Identifiers are keyed digests wherever they are keys. The key is a secret of the deployment: without it nobody can tell whose digest it is.

"""
ELSEWHERE = """## Outside the tables

| where | what about a person | how long |
|---|---|---|
| queues | the same digests and messages as in `messages`, on their way | minutes; in dead letters 14 days |
| queues of replies, mails and reports of providers, and of registers | addresses, and what people wrote, in plain form | minutes; in an outage up to four days; in dead letters 14 days, of which an erasure deletes those of the person |
| [lake](lake.md) | digests, products, amounts, channels; no addresses, names or traits | as long as the setting of the lake says; erased people are taken out the night after |
| [files of conversations](conversations.md) | what he attached | until erased |
| mails that nobody could read, as they came | everything in them | 14 days; an erasure does not search them |
| logs and metrics | nothing | 30 days and more |
| backups | all tables, as they were | 35 days |
| SES, SNS, Pinpoint, gateways, Meta | the address or token and the message, to deliver it | as your contract with them says |
"""


def page(kinds: Sequence[ItemKind]) -> str:
    """The Markdown page: a table for each table of the database."""
    parts = [HEAD]
    for table in dict.fromkeys(one.table for one in kinds):
        parts.append(f"## Table `{table}`\n\n| item | what it tells of a person | purpose | kept | attributes |\n")
        parts.append("|---|---|---|---|---|\n")
        parts += _lines(one for one in kinds if one.table == table)
        parts.append("\n")
    return "".join([*parts, ELSEWHERE])


def as_rows(kinds: Iterable[ItemKind]) -> list[dict[str, Any]]:
    """JSON of the map."""
    return [
        {
            "table": one.table,
            "item": one.name,
            "tells": one.person or None,
            "purpose": one.purpose.value,
            "kept": one.kept,
            "attributes": list(one.attributes),
        }
        for one in kinds
    ]


def _lines(kinds: Iterable[ItemKind]) -> Iterator[str]:
    for one in kinds:
        names = ", ".join(f"`{name}`" for name in one.attributes) or "keys only"
        yield f"| {one.name} | {one.person or 'nothing'} | {one.purpose.value} | {one.kept} | {names} |\n"
