"""The enrollments of one customer, read together with everything that decides about them."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from shared.domain.identity.keys import moment, time_text
from shared.domain.journeys.enrollment import Enrollment, from_item
from shared.domain.profile.profile import Profile
from shared.queries.customer_tree import Member, Tree, load_tree
from shared.stores.customers import CustomerStore


@dataclass(frozen=True, slots=True)
class CustomerEnrollments:
    """A customer's tree, its profile, and the enrollments on all its identifiers."""

    tree: Tree
    profile: Profile
    enrollments: tuple[Enrollment, ...]

    def of(self, journey: str) -> list[Enrollment]:
        return [enrollment for enrollment in self.enrollments if enrollment.journey == journey]

    def find(self, home: str, ref: str) -> Enrollment | None:
        return next(
            (enrollment for enrollment in self.enrollments if enrollment.home == home and enrollment.ref == ref), None
        )


def read_customer_enrollments(store: CustomerStore, key: str) -> CustomerEnrollments:
    """Everything of the customer that ``key`` belongs to, read strongly consistent."""
    tree = load_tree(store, key)
    members = list(tree.members)
    if key not in tree.keys:
        members.append(Member(key, store.control(key)))  # beyond the newest members: its enrollments are still its own
    enrollments = tuple(from_item(item) for member in members for item in member.control.enrollments)
    return CustomerEnrollments(tree, tree.profile(), enrollments)


def explained(enrollment: Enrollment, tree: Tree) -> Enrollment:
    """Adds the link to the reason of an ended enrollment, if the order came by another identifier.

    ``order_on`` is the key of the identifier that ordered; ``link`` the two keys that a claim joined, ``linked_by`` the
    event that made the claim. Whoever shows it replaces keys by names.
    """
    order = enrollment.end.evidence.get("order") if enrollment.end else None
    if enrollment.end is None or order is None:
        return enrollment
    by = next((one for one in tree.members if _completed_there(one, order)), None) or _reporter(tree, order)
    if by is None:
        return enrollment
    evidence = {**enrollment.end.evidence, "order_on": by.key}
    if by.key != enrollment.home:
        home = next((member for member in tree.members if member.key == enrollment.home), None)
        evidence |= _link(by) or (_link(home) if home else {})
    return replace(enrollment, end=replace(enrollment.end, evidence=evidence))


def _completed_there(member: Member, order: str) -> bool:
    facts = member.control.facts
    known = facts.facts.orders.get(order) if facts else None
    return known is not None and known.completed is not None


def _reporter(tree: Tree, order: str) -> Member | None:
    """Where the report was received first, if a trusted source only confirmed what a public one told."""
    reports = [
        (member.control.facts.facts.reported[order][:2], member)
        for member in tree.members
        if member.control.facts is not None and order in member.control.facts.facts.reported
    ]
    return min(reports, key=lambda found: found[0])[1] if reports else None


def _link(member: Member) -> dict[str, str]:
    claim = member.control.claim
    if not member.owner or claim is None:
        return {}
    _, (at, event) = claim.owners()[member.owner]
    return {"link": f"{member.key} {member.owner}", "linked_by": event, "linked_at": time_text(moment(at))}
