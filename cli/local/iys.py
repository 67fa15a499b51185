"""IYS as it is on the wire, for the local stack and for tests: its rules, its queue, its refusals and its outages.

Paths and forms are those of https://dev.iys.org.tr/api-metotlar/ . Codes that its pages name are its own (H111 type,
H113 source, H114 recipient, H155 time); the pages that were read name none for the other rules, so these begin with K.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from shared.domain.time.turkish_holidays import holidays

TURKEY = timezone(timedelta(hours=3))
DATE = "%Y-%m-%d %H:%M:%S"
FIRST_REFUSED, REPEATED, NOT_LATER, CURSOR_TOO_OLD = "K1", "K2", "K3", "K4"
LISTED_AFTER = timedelta(hours=1)
LISTED_FOR = timedelta(days=7)
TOKEN_SECONDS = 7_200
_PATH = re.compile(r"/sps/([0-9]+)/brands/([0-9]+)/consents(/.*)?")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+90[0-9]{10}")
_SOURCES = re.compile(
    r"HS_(WEB|MOBIL|FIZIKSEL_ORTAM|ISLAK_IMZA|ETKINLIK|ATM|EORTAM|CAGRI_MERKEZI|SOSYAL_MEDYA|EPOSTA|MESAJ|KARAR|2015)"
)
Answer = tuple[int, Any]


@dataclass(slots=True)
class IysCapture:
    """A brand at IYS. ``now`` is its clock; ``works_after``: how long a statement of many waits in its queue.

    ``outage``: ``down`` answers 503 and does nothing, ``busy`` 429, ``lost`` does the work and answers 502.
    ``rejected``: recipients because of which a whole upload is not taken, with the status of HTTP. ``forgets``: it
    knows no request of an upload any more, though it works on them.
    """

    now: Callable[[], datetime]
    file: Path | None = None
    works_after: timedelta = timedelta()
    outage: str = ""
    held: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    requests: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    movements: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    forgets: bool = False
    _numbers: int = 0
    _tokens: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.file is not None and self.file.exists():
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            for name in ("held", "requests", "movements", "refused", "outage"):
                setattr(self, name, kept[name])
            self._numbers = kept["numbers"]

    def serves(self, path: str) -> bool:
        return path == "/oauth2/token" or _PATH.fullmatch(path) is not None

    def answer(self, method: str, path: str, query: Mapping[str, str], body: bytes, token: str) -> Answer:
        """Status and JSON of one request; ``token`` is what stands behind ``Bearer``."""
        self.asked += 1
        if self.outage in {"down", "busy"}:
            return (503, {}) if self.outage == "down" else (429, {})
        try:
            said = json.loads(body) if body else None
        except ValueError:
            return 400, {}
        if path == "/oauth2/token":
            return self._login(said)
        if self._tokens.get(token, 0) <= self.now().timestamp():
            return 401, {}
        found = self._of_brand(method, path, query, said)
        self._keep()
        return (502, {}) if self.outage == "lost" else found

    def play(self, method: str, path: str, query: bytes, body: bytes, token: str) -> Answer:
        """One request to the local stack: of IYS's own paths, or of who plays its part."""
        if self.serves(path):
            asked = {name: values[0] for name, values in parse_qs(query.decode("latin-1")).items()}
            return self.answer(method, path, asked, body, token)
        try:
            said = json.loads(body) if body else {}
            match (method, path):
                case ("GET", ""):
                    return 200, self.as_json()
                case ("POST", "/citizen"):
                    return 200, self.citizen(said["recipient"], said["type"], said["status"])
                case ("POST", "/outage"):
                    self.outage = str(said["kind"])
                    self._keep()
                    return 200, {"outage": self.outage}
        except (ValueError, KeyError, TypeError):
            return 400, {}
        return 404, {}

    def citizen(
        self,
        recipient: str,
        kind: str,
        status: str,
        recipient_type: str = "BIREYSEL",
        *,
        ahead: timedelta = timedelta(),
    ) -> dict[str, Any]:
        """Somebody changes his consent at IYS itself. ``ahead``: its clock goes before ours.

        Times of a recipient rise, as those of what shops tell must.
        """
        now = self.now()
        at, held = now + ahead, self.last(recipient, kind, recipient_type)
        if held is not None:
            at = max(at, datetime.strptime(held["consentDate"], DATE).replace(tzinfo=TURKEY) + timedelta(seconds=1))
        consent = {
            "recipient": recipient, "type": kind, "recipientType": recipient_type, "status": status,
            "consentDate": _text(at), "source": "IYS_WEB",
        }  # fmt: skip
        movement = self._register(consent, now)
        self._keep()
        return movement

    def last(self, recipient: str, kind: str, recipient_type: str = "BIREYSEL") -> dict[str, Any] | None:
        """What holds now of a recipient."""
        self._work()
        history = self.held.get(f"{recipient}|{recipient_type}|{kind}")
        return history[-1] if history else None

    def as_json(self) -> dict[str, Any]:
        """Everything, for who looks at it."""
        self._work()
        return {"held": self.held, "refused": self.refused, "outage": self.outage, "asked": self.asked}

    def _login(self, said: Any) -> Answer:
        if not isinstance(said, dict) or said.get("grant_type") != "password" or not said.get("password"):
            return 401, {"errors": [{"code": "H001", "message": "the user is not known"}]}
        token = f"token-{self._number()}"
        self._tokens[token] = self.now().timestamp() + TOKEN_SECONDS
        return 200, {
            "access_token": token, "refresh_token": f"{token}-refresh", "expires_in": TOKEN_SECONDS,
            "refresh_expires_in": 2 * TOKEN_SECONDS, "token_type": "bearer",
        }  # fmt: skip

    def _of_brand(self, method: str, path: str, query: Mapping[str, str], said: Any) -> Answer:
        found = _PATH.fullmatch(path)
        rest = (found and found[3]) or ""
        self._work()
        match (method, rest):
            case ("POST", ""):
                return self._one(said)
            case ("POST", "/request"):
                return self._many(said)
            case ("GET", "/changes"):
                return self._changes(query)
            case ("POST", "/status"):
                held = self.last(said["recipient"], said["type"], said["recipientType"])
                return (
                    (404, {"errors": [{"code": "H200", "message": "there is none"}]}) if held is None else (200, held)
                )
            case ("GET", _) if rest.startswith("/request/"):
                return self._outcomes(rest.removeprefix("/request/"))
        return 404, {}

    def _one(self, consent: Any) -> Answer:
        if self._rejection([consent]):
            return self._rejection([consent]), {}
        code = self._refusal(consent)
        if code:
            return 422, {"errors": [{"code": code, "location": ["consent"], "message": "it is not taken"}]}
        movement = self._register(consent, self.now())
        return 200, {"transactionId": movement["transactionId"], "creationDate": movement["creationDate"]}

    def _many(self, consents: Any) -> Answer:
        if not isinstance(consents, list) or not consents:
            return 422, {"errors": [{"code": "H100", "message": "the body is no list"}]}
        if self._rejection(consents):
            return self._rejection(consents), {}
        name = f"request-{self._number()}"
        works_at = (self.now() + self.works_after).timestamp()
        self.requests[name] = [
            {"consent": one, "works_at": works_at, "id": f"{name}-{place}"} for place, one in enumerate(consents)
        ]
        told = [{**one["consent"], "subRequestId": one["id"]} for one in self.requests[name]]
        return 200, {"requestId": name, "subRequests": told}

    def _rejection(self, consents: list[Any]) -> int:
        return next((self.rejected[one["recipient"]] for one in consents if one["recipient"] in self.rejected), 0)

    def _outcomes(self, name: str) -> Answer:
        if self.forgets or name not in self.requests:
            return 404, {}
        return 200, [
            {"index": place, "subRequestId": one["id"], **one.get("outcome", {"status": "enqueue"})}
            for place, one in enumerate(self.requests[name], 1)
        ]

    def _changes(self, query: Mapping[str, str]) -> Answer:
        now, after = self.now(), int((query.get("after") or "0").partition("_")[0])
        own = query.get("source") == "IYS"
        if any(one["number"] == after and one["created"] < (now - LISTED_FOR).timestamp() for one in self.movements):
            return 422, {"errors": [{"code": CURSOR_TOO_OLD, "message": "the cursor is too old"}]}
        listed = [
            one for one in self.movements
            if one["number"] > after and one["source"].startswith("IYS") == own
            and now - LISTED_FOR <= datetime.fromtimestamp(one["created"], UTC) <= now - LISTED_AFTER
        ][: int(query.get("limit", "100"))]  # fmt: skip
        last = listed[-1]["number"] if listed else after
        return 200, {"after": f"{last}_{'0' * 8}", "list": [_shown(one) for one in listed]}

    def _work(self) -> None:
        """Takes what has waited long enough, in the order in which it came."""
        now = self.now().timestamp()
        for request in self.requests.values():
            for one in request:
                if "outcome" in one or one["works_at"] > now:
                    continue
                code = self._refusal(one["consent"])
                if code:
                    one["outcome"] = {"status": "failure", "error": {"code": code, "message": "it is not taken"}}
                else:
                    movement = self._register(one["consent"], self.now())
                    one["outcome"] = {
                        "status": "success", "transactionId": movement["transactionId"],
                        "creationDate": movement["creationDate"],
                    }  # fmt: skip

    def _refusal(self, consent: Mapping[str, Any]) -> str:
        code = _broken_rule(consent, self.held.get(_key(consent), []), self.now())
        if code:
            self.refused.append({**consent, "code": code, "at": _text(self.now())})
        return code

    def _register(self, consent: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        number = self._number()
        movement = {
            **consent, "creationDate": _text(now), "created": now.timestamp(), "number": number,
            "transactionId": hashlib.sha256(str(number).encode()).hexdigest(),
        }  # fmt: skip
        self.held.setdefault(_key(consent), []).append(_shown(movement))
        self.movements.append(movement)
        return movement

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _keep(self) -> None:
        if self.file is not None:
            kept = {name: getattr(self, name) for name in ("held", "requests", "movements", "refused", "outage")}
            self.file.write_text(json.dumps({**kept, "numbers": self._numbers}), encoding="utf-8")


def _broken_rule(consent: Mapping[str, Any], history: list[dict[str, Any]], now: datetime) -> str:
    """The code of the first rule that a statement breaks; empty if it is taken."""
    kind, recipient = consent.get("type"), str(consent.get("recipient"))
    if kind not in {"EPOSTA", "MESAJ", "ARAMA"}:
        return "H111"
    if not _SOURCES.fullmatch(str(consent.get("source"))):
        return "H113"
    if not (_MAIL if kind == "EPOSTA" else _PHONE).fullmatch(recipient):
        return "H114"
    try:
        said = datetime.strptime(str(consent.get("consentDate")), DATE).replace(tzinfo=TURKEY)
    except ValueError:
        return "H155"
    if said > now or _too_old(said, now.astimezone(TURKEY)):
        return "H155"
    if not history:
        return FIRST_REFUSED if consent["status"] == "RET" else ""
    if history[-1]["status"] == consent["status"]:
        return REPEATED
    return "" if _text(said) > history[-1]["consentDate"] else NOT_LATER


def _too_old(said: datetime, now: datetime) -> bool:
    """More than three business days ago: counted from the day after the statement, day by day."""
    days, day = 0, said.date()
    while day < now.date():
        day += timedelta(days=1)
        days += _works(day)
    return days > 3 or (days == 3 and _works(now.date()) and now.time() > said.time())


def _works(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year)


def _key(consent: Mapping[str, Any]) -> str:
    return f"{consent.get('recipient')}|{consent.get('recipientType')}|{consent.get('type')}"


def _text(moment: datetime) -> str:
    return moment.astimezone(TURKEY).strftime(DATE)


def _shown(movement: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in movement.items() if name not in {"created", "number"}}
