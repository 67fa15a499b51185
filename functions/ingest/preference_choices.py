"""What the page of preferences shows of a customer, what its form says, and the statements of the difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from msgspec import structs

from functions.ingest.page_texts import VERSION
from functions.ingest.unsubscribe import SOURCE, consent_event
from shared.domain.consent.consent import CHANNELS, EVERY_PURPOSE, Consent, ConsentState, consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.preferences import AT_MOST_ONE_IN, PAUSE_DAYS, Preference, newest_preference
from shared.domain.consent.recipient_tokens import RecipientLink
from shared.domain.consent.taking_back import takes_back
from shared.domain.definitions.release import Release
from shared.domain.events.event import Event, EventType
from shared.domain.events.event_names import PREFERENCES_CHANGED
from shared.domain.identity.identifiers import Identifier, PhoneReader
from shared.domain.identity.keys import milliseconds, time_text
from shared.domain.messages.address import address_of
from shared.domain.profile.profile import Profile
from shared.queries.customer_sends import sends_of
from shared.queries.customer_tree import Member, Tree
from shared.stores.consent_items import consent_items
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.preference_items import preference_items

ORIGIN = "preference_page"
TRANSACTIONAL = "transactional"
MOST_FIELDS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One channel and purpose. ``address_key``: the address that it speaks of; empty for push, which has none.
    ``refused``: whether a person's no holds for it and for whatever else the customer has on the channel; what a bounce
    holds back is not refused. ``may_grant``: whether the page may say yes: the link proves one address, and no number
    and no device. ``unproven``: somebody with a public key turned it off, whether the address bounced since or not.
    ``own``: it is off because of the customer's own no on this page. ``confirmed``: who got the mail left it off or
    turned it off, where it was off by another word.
    """

    channel: str
    purpose: str
    address_key: str
    granted: bool
    refused: bool
    may_grant: bool
    unproven: bool = False
    own: bool = False
    confirmed: bool = False

    @property
    def name(self) -> str:
        """The name of its field in the form."""
        return f"{self.channel}.{self.purpose}"


@dataclass(frozen=True, slots=True)
class Choices:
    """What holds, or what is wanted. ``unseen``: what the page does not show, because nobody can be reached there for
    now or no template of the shop is for it; only a no to everything speaks of it."""

    rows: tuple[Row, ...]
    one_in_days: int
    paused_until: datetime | None
    language: str
    languages: tuple[str, ...]
    unseen: tuple[Row, ...] = ()


def shown_choices(
    store: CustomerStore,
    tree: Tree,
    link: RecipientLink,
    release: Release,
    keys: Callable[[Identifier], str],
    phone: PhoneReader,
    now: datetime,
) -> Choices:
    """What holds now, read as the gates read it. Channels by which the customer cannot be reached are left out."""
    profile = tree.profile()
    addresses = {link.channel: "" if link.channel == "push" else link.address_key}
    for channel in CHANNELS:
        found = address_of(profile, channel, keys, phone=phone, dead=sends_of(tree).dead)
        if found is not None and channel not in addresses:
            addresses[channel] = "" if channel == "push" else found.key
    controls = [member.control for member in tree.members]
    controls += [store.control(key) for key in addresses.values() if key and key not in tree.keys]
    consents = [one for control in controls for one in control.consents]
    own = [one for member in tree.members for one in member.control.consents]
    offered = _offered(release, link)
    rows = tuple(
        _row(consents, own, link, channel, purpose, addresses[channel], now)
        for channel, purpose in offered
        if channel in addresses
    )
    seen = {(row.channel, row.purpose) for row in rows}
    agreed = {(one.channel, one.purpose) for one in consents if one.granted and one.may_grant} - {
        (channel, purpose) for channel in CHANNELS for purpose in (EVERY_PURPOSE, TRANSACTIONAL)
    }
    unseen = tuple(
        _row(consents, own, link, channel, purpose, addresses.get(channel, ""), now)
        for channel, purpose in sorted({*offered, *agreed} - seen)
    )
    said = newest_preference(one for control in controls for one in control.preferences)
    paused_until = said.paused_until if said is not None and said.paused(now) else None
    languages = release.shop.languages
    spoken = _language(profile, said, languages)
    return Choices(rows, said.one_in_days if said is not None else 0, paused_until, spoken, languages, unseen)


def read_form(body: bytes, shown: Choices, now: datetime) -> Choices:
    """What the form wants. A field counts only if it differs from what the page showed when it was loaded: so a page
    that was left open changes nothing but what somebody touched on it."""
    try:
        said = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:  # not a form, or far too many fields
        return shown
    form = {name: values[-1] for name, values in said.items()}
    rows = tuple(_chosen(row, form) for row in shown.rows)
    unseen = tuple(_no(row) for row in shown.unseen) if form.get("all") == "off" else shown.unseen
    often = form.get("often", "")
    choices = {str(days): days for days in (0, *AT_MOST_ONE_IN)}
    days = choices[often] if often in choices and often != form.get("was.often") else shown.one_in_days
    language = form.get("language", "")
    touched = language in shown.languages and language != form.get("was.language")
    paused_until = shown.paused_until
    if form.get("pause") == "30" and paused_until is None:
        paused_until = now + timedelta(days=PAUSE_DAYS)
    elif form.get("pause") == "0":
        paused_until = None
    return Choices(rows, days, paused_until, language if touched else shown.language, shown.languages, unseen)


def changed_items(
    link: RecipientLink,
    store: CustomerStore,
    shown: Choices,
    wanted: Choices,
    keys: Callable[[Identifier], str],
    now: datetime,
    page_language: str,
) -> list[dict[str, Any]]:
    """The items of what changed: statements under the customer and the address, and an event of each in the log."""
    base = f"{link.message_id}-preferences-{milliseconds(now)}"
    version = f"preferences-{VERSION}-{page_language}"
    home = Member(link.home, store.control(link.home)).identifier
    items: list[dict[str, Any]] = []
    for before, after in zip((*shown.rows, *shown.unseen), (*wanted.rows, *wanted.unseen), strict=True):
        if before != after:
            items += _consent_rows(link, after, f"{base}-{after.name}", version, home, keys, now)
    said = replace(wanted, rows=(), unseen=())
    if said != replace(shown, rows=(), unseen=()):
        statement = Preference(
            now, base, said.one_in_days, said.paused_until, said.language, SOURCE, ORIGIN, version, link.message_id
        )
        items += preference_items((link.home, link.address_key), statement)
        if home is not None:
            event = _preference_event(statement, home, link, language_changed=said.language != shown.language)
            items.append(event_item(event, keys, home=link.home))
    return items


def _consent_rows(
    link: RecipientLink,
    row: Row,
    statement_id: str,
    version: str,
    home: Identifier | None,
    keys: Callable[[Identifier], str],
    now: datetime,
) -> list[dict[str, Any]]:
    """A grant speaks for the one address. A withdrawal speaks for the address, whoever else has it, and for every
    address that the customer has on the channel: the page says "e-mail", not "e-mail to this address"."""
    said = Consent(
        channel=row.channel,
        purpose=row.purpose,
        granted=row.granted,
        time=now,
        received_at=now,
        may_grant=row.granted,
        source=SOURCE,
        message_id=statement_id,
        address_key=row.address_key,
        text_version=version,
        origin=ORIGIN,
        link=link.message_id,
    )
    under = (link.home,) if row.address_key in {"", link.home} else (link.home, row.address_key)
    items = consent_items(ConsentRecord(under, said), trusted=True)
    if not row.granted:
        everywhere = consent_items(ConsentRecord((link.home,), structs.replace(said, address_key="")), trusted=True)
        items = [*everywhere, *(one for one in items if one["pk"] != link.home)]
    if home is not None:
        items.append(event_item(consent_event(said, home, link.channel), keys, home=link.home))
    return items


def _preference_event(said: Preference, home: Identifier, link: RecipientLink, *, language_changed: bool) -> Event:
    properties: dict[str, Any] = {
        "source": said.origin,
        "message_id": link.message_id,
        "text_version": said.text_version,
        "one_in_days": said.one_in_days,
        "paused_until": None if said.paused_until is None else time_text(said.paused_until),
        "language": said.language,
    }
    return Event(
        type=EventType.TRACK,
        name=PREFERENCES_CHANGED,
        message_id=said.message_id,
        time=said.time,
        received_at=said.time,
        source=SOURCE,
        channel=link.channel,
        trusted=True,
        identifiers=(home,),
        traits={"language": said.language} if language_changed else {},
        properties=properties,
    )


def _offered(release: Release, link: RecipientLink) -> list[tuple[str, str]]:
    """Channels and purposes that the shop's templates use, and those of the message itself."""
    used: set[tuple[str, str]] = {
        (channel, template.purpose)
        for template in release.templates
        if template.purpose != TRANSACTIONAL
        for channel in CHANNELS
        if template.languages(channel)
    }
    order = {str(channel): place for place, channel in enumerate(CHANNELS)}
    return sorted(used | {(link.channel, link.purpose)}, key=lambda pair: (order.get(pair[0], len(order)), pair))


def _row(
    consents: list[Consent],
    own: list[Consent],
    link: RecipientLink,
    channel: str,
    purpose: str,
    address_key: str,
    now: datetime,
) -> Row:
    """On another channel than the link's the page says yes only where it said no itself before. ``own``: statements of
    the customer without those of others with his address."""
    holds = consent_state(consents, channel, purpose, address_key, now)
    people = [one for one in consents if one.channel == channel and not one.bounced]
    by_person = consent_state(people, channel, purpose, address_key, now)
    off = not holds.granted
    unproven = off and not by_person.granted and by_person.proof is not None and by_person.proof.public
    said_here = off and _refused_here(holds) and _refused_here(consent_state(own, channel, purpose, "", now))
    addresses = {"", address_key, *(one.address_key for one in people if one.granted and one.may_grant)}
    states = [consent_state(people, channel, purpose, one, now) for one in addresses]
    refused = all(state.proof is not None and not state.granted for state in states)
    may_grant = channel == link.channel or takes_back(consents, channel, purpose, address_key, ORIGIN, now)
    return Row(channel, purpose, address_key, holds.granted, refused, may_grant, unproven, said_here)


def _refused_here(state: ConsentState) -> bool:
    """Whether a no of this page is what holds."""
    return not state.granted and state.proof is not None and not state.proof.public and state.proof.origin == ORIGIN


def _language(profile: Profile, said: Preference | None, languages: tuple[str, ...]) -> str:
    """The language of messages: chosen here, or said later than that; else the newest device's, the shop's first."""
    trait = profile.traits.get("language")
    chosen = trait.value if trait is not None else ""
    if said is not None and said.language and (trait is None or said.time >= trait.at):
        chosen = said.language
    wanted = chosen if isinstance(chosen, str) and chosen else (profile.locale[0] if profile.locale else "")
    return wanted[:2].lower() if wanted[:2].lower() in languages else languages[0]


def _chosen(row: Row, form: dict[str, str]) -> Row:
    """The row as the form wants it. A no is taken also where nothing goes out for now, because the address bounced,
    was refused alone or was never agreed to: a bounce may be taken back, another address may take its place, and an
    older consent may be imported, and then the no must stand."""
    if form.get("all") == "off":
        return _no(row)  # all is all, also what the page did not show or not as a choice
    was = form.get(f"was.{row.name}")
    if was not in {"0", "1"}:
        return row  # the page did not show it, or not as a choice
    wanted = form.get(row.name) == "1"
    if not wanted and row.unproven:
        return _no(row)  # he saw it off and left it so: what was forged may be taken back, his own word not
    if wanted == (was == "1") or (wanted and not (row.granted or row.may_grant)):
        return row
    return replace(row, granted=True, refused=False) if wanted else _no(row)


def _no(row: Row) -> Row:
    """Said here, it stands beside a no said elsewhere: who takes that one back has not taken back this one."""
    return replace(row, granted=False, refused=True, confirmed=not row.own)
