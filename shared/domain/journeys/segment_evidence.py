"""What of a customer makes a node of the segment language true, as items of evidence: what journeys store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.domain.messages.evidence import MOST, Evidence, item
from shared.domain.segments.counting_rules import Clicks, Event, Opens, Orders, Overdue, Received
from shared.domain.segments.definition import InSegment, Leaf
from shared.domain.segments.evidence import evidence_of
from shared.domain.segments.state_rules import Anniversary, HasConsent, Reachable, TraitIs
from shared.domain.segments.subject import Subject


def found_by(node: Leaf, subject: Subject, now: datetime) -> Evidence:
    """The newest that count, at most ``MOST``. Values of traits are left out: they are personal data."""
    facts = evidence_of(node, subject, now)
    match node:
        case Orders():
            return tuple(_order(order) for order in facts["orders"][:MOST])
        case Event():
            return tuple(item("event", node.event.name, at) for at in facts["at"][:MOST])
        case Received() | Opens() | Clicks():
            word = next(iter(type(node).model_fields))
            return tuple(item("event", word, at) for at in facts["at"][:MOST])
        case TraitIs():
            return (item("trait", node.trait.name, facts["said_at"]),)
        case HasConsent():
            return _consent(facts["proof"])
        case Reachable():
            proofs = (_consent(channel["proof"]) for channel in facts["channels"].values())
            return tuple(one for proof in proofs for one in proof)[:MOST]
        case InSegment():
            return (item("segment", node.in_segment, facts["since"]),)
        case Anniversary():
            return (item("day", facts["trait"], facts["day"]),)
        case Overdue():
            return (item("order", at=facts["last_order_at"], due_at=facts["due_at"] or ""),)
        case _:
            at = facts.get("updated_at") or facts.get("last_at")
            return (item("cart" if "items" in facts else "use", at=at),)


def _order(order: Mapping[str, Any]) -> Mapping[str, str]:
    return item("order", order["id"], order["at"], channel=order["channel"] or "", state=order["state"])


def _consent(proof: Mapping[str, Any] | None) -> Evidence:
    if proof is None:
        return ()
    said = {name: proof[name] or "" for name in ("said", "purpose", "source")}
    return (item("consent", proof["messageId"], proof["time"], **said),)
