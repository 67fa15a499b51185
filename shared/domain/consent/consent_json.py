"""Consent with its proof: what holds now and why, and every statement that was ever made (KVKK/GDPR, IYS)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.consent.consent import (
    CHANNELS,
    EVERY_PURPOSE,
    MARKETING,
    SOFT_BOUNCES,
    Consent,
    ConsentState,
    FoldedRun,
    TakenBack,
    consent_state,
)
from shared.domain.consent.preferences import Preference
from shared.domain.consent.suppression import suppressed
from shared.domain.identity.keys import time_text


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, whether a trusted source made it, and the identifiers (plain) under which it is kept."""

    said: Consent
    trusted: bool
    under: tuple[str, ...]


def gather(found: Iterable[Statement]) -> list[Statement]:
    """Each statement once, newest first: it is kept under the customer and under each address that it names."""
    told: dict[tuple[Consent, bool], list[str]] = {}
    for one in found:
        told.setdefault((one.said, one.trusted), []).extend(one.under)
    distinct = [Statement(said, trusted, tuple(sorted(set(under)))) for (said, trusted), under in told.items()]
    return sorted(distinct, key=place, reverse=True)


def place(one: Statement) -> tuple[str, str, str, str, str, bool]:
    """A total order: by the time that it was received."""
    said = one.said
    return (
        time_text(said.received_at), said.message_id, said.channel, said.purpose, said.address_key + said.source,
        one.trusted,
    )  # fmt: skip


def statement_json(one: Statement, addresses: Mapping[str, str]) -> dict[str, Any]:
    """Who said what, when, where, to which text; whether the source was trusted, and allowed to say so.

    ``addresses`` gives the plain form of address keys, as far as it is known.
    """
    said = one.said
    return {
        "channel": said.channel,
        "purpose": said.purpose,
        "said": "taken_back" if said.takes_back is not None else "granted" if said.granted else "withdrawn",
        "address": addresses.get(said.address_key, said.address_key) or None,
        "time": time_text(said.time),
        "received_at": time_text(said.received_at),
        "counts_from": time_text(said.effective_at),
        "source": said.source,
        "trusted": one.trusted,
        "permitted": said.may_grant or not said.granted or said.takes_back is not None,
        "origin": said.origin or None,
        "text_version": said.text_version or None,
        "messageId": said.message_id,
        "link_message": said.link or None,
        "takes_back": None if said.takes_back is None else _taken_back_json(said.takes_back),
        "folded": None if said.run is None else _folded_json(said.run),
        "under": list(one.under),
    }


def _taken_back_json(forged: TakenBack) -> dict[str, str]:
    """The withdrawal that counts no more, and who said so and why."""
    return {
        "source": forged.source,
        "messageId": forged.message_id,
        "time": time_text(forged.time),
        "by": forged.by,
        "because": forged.because,
    }


def _folded_json(run: FoldedRun) -> dict[str, Any] | None:
    """How many statements one stands for, and when the first and the last of them came; None for one as it was said."""
    if run.count == 1 and not run.widened:
        return None
    return {
        "count": run.count,
        "first_received_at": time_text(run.first_received),
        "last_received_at": time_text(run.last_received),
        "widened": run.widened,
    }


def preference_json(said: Preference, now: datetime) -> dict[str, Any]:
    """What a customer chose about frequency, pause and language, with its proof. A pause that is over is None."""
    paused_until = time_text(said.paused_until) if said.paused_until is not None and said.paused(now) else None
    return {
        "one_in_days": said.one_in_days or None,
        "paused_until": paused_until,
        "language": said.language or None,
        "time": time_text(said.time),
        "source": said.source,
        "origin": said.origin or None,
        "text_version": said.text_version or None,
        "messageId": said.message_id,
        "link_message": said.link or None,
    }


def holding(
    statements: Sequence[Statement], in_use: Mapping[str, str], addresses: Mapping[str, str], now: datetime
) -> list[dict[str, Any]]:
    """What holds now, per channel and purpose, for the address in use (``in_use``: channel to address key)."""
    said = [one.said for one in statements]
    asked = {(one.channel, one.purpose) for one in said if one.purpose != EVERY_PURPOSE}
    asked |= {(channel, MARKETING) for channel in CHANNELS}
    found = []
    for channel, purpose in sorted(asked):
        key = in_use.get(channel, "")
        state = consent_state(said, channel, purpose, key, now)
        refusal = suppressed(said, channel, key, now)
        proof = refusal or state.proof
        found.append(
            {
                "channel": channel,
                "purpose": purpose,
                "address": addresses.get(key, key) or None,
                "granted": state.granted,
                "suppressed": refusal is not None,
                "why": _why(said, channel, purpose, key, state, refusal),
                "proof": _proof(statements, proof, addresses),
            }
        )
    return found


def _why(
    said: Sequence[Consent], channel: str, purpose: str, key: str, state: ConsentState, refusal: Consent | None
) -> str:
    if refusal is not None and refusal.bounced:
        how = "five soft bounces in a row over a week" if refusal.origin == SOFT_BOUNCES else "a hard bounce"
        return f"the address was given up on {time_text(refusal.time)} after {how}, so nothing is sent there"
    if refusal is not None:
        return f"{_by(refusal)} refused everything on {channel}, so nothing is sent there, order notices included"
    if state.proof is not None and state.granted:
        text = f", to text {state.proof.text_version}" if state.proof.text_version else ""
        return f"{_by(state.proof)} granted it{text}, and nothing later withdrew it"
    if state.proof is not None:
        return f"{_by(state.proof)} withdrew it, and no permitted source granted it since"
    grants = [
        one
        for one in said
        if one.granted and one.takes_back is None and (one.channel, one.purpose) == (channel, purpose)
    ]
    here = [one for one in grants if one.address_key in {"", key}]
    if here:
        last = max(here, key=lambda one: one.received_at)
        return f"{_by(last)} granted it, but that source may not grant consent: a trusted one must, or a double opt-in"
    if grants and not key:
        return "it was granted for an address that is not known to be the customer's"
    if grants:
        return "it was granted for another address only, not for the one in use"
    return "nobody ever granted it"


def _by(said: Consent) -> str:
    where = f" ({said.origin})" if said.origin else ""
    return f"{said.source}{where} on {time_text(said.time)}"


def _proof(
    statements: Sequence[Statement], proof: Consent | None, addresses: Mapping[str, str]
) -> dict[str, Any] | None:
    found = next((one for one in statements if one.said == proof), None)
    return None if found is None else statement_json(found, addresses)
