"""Many people side by side on one timeline of the local stack: told through HTTP, read when it is over."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.e2e.conftest import Kervan

ISTANBUL = ZoneInfo("Europe/Istanbul")
BEGIN = "09:58"
"""Shortly before ten, when the first day's events are told."""
MONTHS = "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık".split()  # noqa: SIM905


@dataclass(frozen=True)
class Person:
    """Agreed to marketing on ``consents``. ``token``: how the token of the app begins, if there is one. ``birthday``:
    the day of the story on which it is."""

    consents: tuple[str, ...] = ("email",)
    language: str = "tr"
    token: str = ""
    birthday: int | None = None


@dataclass(frozen=True)
class Told:
    """What a channel reports of a customer, as of that day of the story and time in Istanbul. Without an ``event`` the
    test looks what became of the messages so far. A property that is a pair is such a moment, too."""

    day: int
    clock: str
    who: str
    event: str
    channel: str
    properties: Mapping[str, Any]


def told(day: int, clock: str, who: str, event: str, channel: str = "server", /, **properties: Any) -> Told:
    return Told(day, clock, who, event, channel, properties)


def look(day: int, clock: str, who: str) -> Told:
    return Told(day, clock, who, "", "", {})


class Played:
    """The story of everybody, and what became of it. Day 0 is the day on which it begins."""

    def __init__(self, kervan: Kervan) -> None:
        kervan.advance_until(BEGIN)
        self.kervan, self.suffix = kervan, secrets.token_hex(3)
        self.first = kervan.now().astimezone(ISTANBUL).date()
        self.seen: dict[str, set[str]] = {}
        self.customers: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.outbox: list[dict[str, Any]] = []
        self._waiting: dict[str, list[dict[str, Any]]] = {}

    def play(self, people: Mapping[str, Person], story: Iterable[Told], end: tuple[int, str]) -> None:
        """Time goes on from one event to the next and then to the end; all is read there."""
        for who, person in people.items():
            self._introduce(who, person)
        for one in sorted(story, key=lambda one: self.at(one.day, one.clock)):
            self._reach(self.at(one.day, one.clock))
            if one.event:
                self._tell(one)
            else:
                self._post()
                self.kervan.settle()
                self.seen[one.who] = _decided(self.kervan.messages(self._user(one.who)))
        self._reach(self.at(*end))
        for who in people:
            self.customers[who] = self.kervan.customer(self._user(who))
            self.messages[who] = self.kervan.messages(self._user(who))
        self.outbox = self.kervan.outbox()

    def sent(self, who: str) -> list[str]:
        """Day, local time, journey, step and channel of all that was delivered to this customer, in order."""
        return [f"{self._when(one)} {one['journey']}/{one['step']} {one['channel']}" for one in self._delivered(who)]

    def shown(self, who: str, step: str) -> str:
        """All words of a delivered message: subject or title, text, HTML, and where its links lead."""
        one = next(one for one in self._delivered(who) if one["step"] == step)
        links = [link["leads_to"] for link in one["links"]]
        return "\n".join([*(one[part] for part in ("subject", "title", "text", "html") if part in one), *links])

    def unsent(self, who: str) -> set[str]:
        """Journey, step, channel, state and reason of what was not delivered."""
        return _decided(self.messages[who])

    def ended(self, who: str) -> dict[str, str]:
        """Why the enrollment of each journey ended, or ``live``."""
        return {run["journey"]: run.get("reason", run["state"]) for run in self.customers[who]["journeys"]}

    def at(self, day: int, clock: str) -> datetime:
        return datetime.combine(self.first + timedelta(days=day), time.fromisoformat(clock), ISTANBUL)

    def in_words(self, day: int, clock: str) -> str:
        """As a Turkish message says until when something is valid."""
        date = self.first + timedelta(days=day)
        return f"{date.day} {MONTHS[date.month - 1]} {date.year}, {clock}"

    def _user(self, who: str) -> str:
        return f"user:{who}-{self.suffix}"

    def _delivered(self, who: str) -> list[dict[str, Any]]:
        return [one for one in self.outbox if one["customer"] == self.customers[who]["id"]]

    def _when(self, message: Mapping[str, Any]) -> str:
        local = datetime.fromisoformat(message["sent_at"]).astimezone(ISTANBUL)
        return f"{(local.date() - self.first).days} {local:%H:%M}"

    def _reach(self, moment: datetime) -> None:
        if moment > self.kervan.now():
            self._post()
            self.kervan.advance(moment - self.kervan.now())

    def _introduce(self, who: str, person: Person) -> None:
        user, stamp = f"{who}-{self.suffix}", self.at(0, "09:00").isoformat()
        traits = {"email": f"{user}@example.com", "firstName": who.capitalize(), "language": person.language}
        if "sms" in person.consents:
            traits["phone"] = "+90555" + str(int(hashlib.sha256(user.encode()).hexdigest(), 16))[:7]
        if person.birthday is not None:
            traits["birthday"] = f"{self.first + timedelta(days=person.birthday):1992-%m-%d}"
        self._say("server", {"type": "identify", "userId": user, "timestamp": stamp, "traits": traits})
        for channel in person.consents:
            said = {"channel": channel, "purpose": "marketing"}
            consent = {"type": "track", "event": "Consent Granted", "properties": said}
            self._say("server", {**consent, "userId": user, "timestamp": stamp})
        if person.token:
            device = {"id": f"app-{user}", "type": "ios", "token": f"{person.token}-{user}"}
            app = {"anonymousId": f"app-{user}", "context": {"device": device}}
            self._say("mobile", {"type": "identify", "userId": user, "timestamp": stamp, **app})

    def _tell(self, one: Told) -> None:
        properties = {
            name: self.at(*said).isoformat() if isinstance(said, tuple) else said
            for name, said in one.properties.items()
        }
        event = {"type": "track", "event": one.event, "properties": properties}
        stamp = self.at(one.day, one.clock).isoformat()
        self._say(one.channel, {**event, "userId": f"{one.who}-{self.suffix}", "timestamp": stamp})

    def _say(self, channel: str, event: dict[str, Any]) -> None:
        self._waiting.setdefault(channel, []).append(event)

    def _post(self) -> None:
        for channel, events in self._waiting.items():
            self.kervan.channel(channel).post("batch", {"batch": events})
        self._waiting = {}


def _decided(messages: Iterable[Mapping[str, Any]]) -> set[str]:
    return {
        f"{one['journey']}/{one['step']} {one['channel']} {one['state']} {one['reason']}"
        for one in messages
        if one["state"] != "sent"
    }
