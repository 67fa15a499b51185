"""Who an identifier belongs to: a join over all that was said, read the same from wherever one starts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identity.claims import MAX_OWNERS, Claim, Stamp, Verdict, read_claim, root_of, write_claim
from tests.support.cases import UNIT, cases

pytestmark = UNIT

owners = st.sampled_from(["u.1", "u.2", "e.1", "l.1", "d.1"])
stamps = st.tuples(st.integers(0, 5), st.sampled_from(["x", "y", "z"]))
verdicts: st.SearchStrategy[Verdict] = st.tuples(
    st.integers(0, 5), st.sampled_from(["x", "y"]), st.sampled_from(["release", "link"])
)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    claim = Claim()
    for _ in range(draw(st.integers(0, 4))):
        claim.absorb(Claim.by(draw(owners), draw(stamps), trusted=draw(st.booleans())))
    if draw(st.booleans()):
        claim.absorb(Claim(verdicts={draw(owners): draw(verdicts)}))
    return claim


def joined(*parts: Claim) -> Claim:
    whole = Claim()
    for part in parts:
        whole.absorb(part)
    return whole


def by(owner: str, when: int, trusted: bool = False) -> Claim:
    return Claim.by(owner, (when, f"e{when}"), trusted=trusted)


def verdict(owner: str, when: int, what: str) -> Claim:
    said: Verdict = (when, f"v{when}", "release" if what == "release" else "link")
    return Claim(verdicts={owner: said})


@cases(100)
@given(claims(), claims(), claims())
def test_join_is_associative_commutative_and_idempotent(a: Claim, b: Claim, c: Claim) -> None:
    """The three laws, and the parts stay as they are."""
    kept = [part.copy() for part in (a, b, c)]
    assert joined(a, b) == joined(b, a)
    assert joined(joined(a, b), c) == joined(a, joined(b, c))
    assert joined(a, a) == joined(a)
    assert [a, b, c] == kept


@cases(200)
@given(claims(), owners, stamps, st.booleans(), st.sampled_from(["", "email:a", "email:b"]))
def test_to_hear_one_word_is_to_join_it(claim: Claim, owner: str, stamp: Stamp, trusted: bool, name: str) -> None:
    """Whether the owner is known already or not."""
    heard = claim.copy()
    heard.hear(owner, stamp, trusted=trusted, name=name)
    assert heard == joined(claim, Claim.by(owner, stamp, trusted=trusted, name=name))


def test_an_owner_who_came_too_late_stays_out() -> None:
    """One of more owners than are remembered is heard again, later: he is as unknown as before."""
    claim = joined(*(by(f"u.{when}", when) for when in range(MAX_OWNERS + 2)))
    kept = claim.copy()
    claim.hear(f"u.{MAX_OWNERS + 1}", (MAX_OWNERS + 9, "again"), trusted=False, name="")
    assert claim == kept


@cases(60)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=80))
def test_the_ceiling_does_not_depend_on_order(said: list[tuple[int, int]]) -> None:
    """A kiosk with more owners than are remembered keeps the earliest, whatever came first and in what groups."""
    parts = [Claim.by(f"u.{owner}", (when, f"e{owner}"), trusted=False) for owner, when in said]
    forward = joined(*parts)
    half = len(parts) // 2
    assert joined(joined(*reversed(parts[half:])), joined(*reversed(parts[:half]))) == forward
    assert len(forward.public.owners) <= MAX_OWNERS


def test_the_earliest_owners_are_remembered() -> None:
    """Of 40 owners the 32 earliest; one that comes earlier still gets in, a later one never."""
    claim = joined(*(by(f"u.{place}", place) for place in range(40, 0, -1)))
    assert set(claim.public.owners) == {f"u.{place}" for place in range(1, MAX_OWNERS + 1)}
    claim.absorb(by("u.late", 41))
    assert "u.late" not in claim.public.owners
    claim.absorb(by("u.0", 0))
    assert claim.parent() == "u.0"
    assert len(claim.public.owners) == MAX_OWNERS


def test_a_user_is_the_parent_before_anybody_else() -> None:
    """A user first, then the better trust, then the earliest, then the smaller key."""
    assert joined(by("e.1", 1, trusted=True), by("u.1", 9)).parent() == "u.1"
    assert joined(by("u.1", 1), by("u.2", 9, trusted=True)).parent() == "u.2"
    assert joined(by("u.1", 5), by("u.2", 3)).parent() == "u.2"
    assert joined(Claim.by("u.2", (3, "e"), trusted=False), Claim.by("u.1", (3, "e"), trusted=False)).parent() == "u.1"
    assert Claim().parent() is None


def test_both_trusts_of_one_owner_are_one_owner() -> None:
    """An owner whom a public and a trusted source named counts as trusted, from the earlier word on."""
    assert joined(by("u.1", 1), by("u.1", 7, trusted=True)).owners() == {"u.1": (True, (1, "e1"))}


def test_a_release_parts_and_a_link_binds_again() -> None:
    """The latest verdict on a link decides; a claim that comes after a release does not undo it."""
    claim = joined(by("u.1", 1), by("u.2", 2), verdict("u.1", 5, "release"))
    assert claim.parent() == "u.2"
    assert joined(claim, by("u.1", 9, trusted=True)).parent() == "u.2"
    assert joined(claim, verdict("u.1", 6, "link")).parent() == "u.1"
    assert joined(claim, verdict("u.1", 4, "link")).parent() == "u.2"
    assert joined(by("u.2", 2), verdict("u.2", 3, "release")).parent() is None
    assert verdict("u.3", 1, "link").parent() == "u.3"
    assert verdict("u.3", 1, "link").owners() == {"u.3": (True, (1, "v1"))}


def test_a_shared_browser_is_contested_from_its_second_user() -> None:
    """The earliest claim by a second user, whatever came first; owners who are no users do not contest."""
    first, second, third = by("u.1", 10), by("u.2", 20), by("u.3", 30)
    assert first.contested_from("a.1") is None
    assert joined(first, by("e.1", 12)).contested_from("a.1") is None
    for parts in ((first, second, third), (third, second, first), (second, third, first)):
        assert joined(*parts).contested_from("a.1") == 20
    assert joined(first, second).contested_from("d.1") == 20
    assert joined(first, second).contested_from("e.1") is None
    assert joined(first, second, verdict("u.2", 99, "release")).contested_from("a.1") is None
    assert joined(first, by("u.1", 15)).contested_from("a.1") is None


@cases(100)
@given(claims())
def test_a_stored_claim_is_read_back(claim: Claim) -> None:
    """The item holds the whole claim, and equal claims make equal items."""
    assert read_claim(write_claim(claim)) == claim
    assert write_claim(read_claim(write_claim(claim))) == write_claim(claim)


def test_what_many_owners_pushed_out_is_stored() -> None:
    """The ceiling is read back too, and a claim of which nothing was said stores nothing but its name."""
    crowd = joined(*(by(f"u.{number}", number) for number in range(MAX_OWNERS + 3)))
    assert crowd.public.ceiling is not None
    assert read_claim(write_claim(crowd)) == crowd
    assert write_claim(Claim()) == {"name": ""}
    assert read_claim({}) == Claim()


@pytest.mark.parametrize("start", ["u.a", "u.b", "u.c", "a.tail"])
def test_a_cycle_has_one_root(start: str) -> None:
    """Aliases in a loop resolve to the smallest member, from every member and from what hangs below them."""
    parents = {"u.a": "u.b", "u.b": "u.c", "u.c": "u.a", "a.tail": "u.c"}
    assert root_of(start, parents.get) == "u.a"


def test_a_chain_ends_at_its_owner() -> None:
    """Without a cycle the root is the one that nobody owns; a stranger to all claims is his own root."""
    parents = {"a.1": "d.1", "d.1": "e.1", "e.1": "u.9"}
    assert [root_of(key, parents.get) for key in ("a.1", "e.1", "u.9", "a.2")] == ["u.9", "u.9", "u.9", "a.2"]
    assert root_of("u.z", {"u.z": "u.z"}.get) == "u.z"


@cases(100)
@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdef"), max_size=6))
def test_roots_do_not_depend_on_the_start(parents: dict[str, str]) -> None:
    """Whatever the claims, two identifiers of which one owns the other have the same root."""
    keys = {f"u.{child}": f"u.{owner}" for child, owner in parents.items()}
    for child, owner in keys.items():
        assert root_of(child, keys.get) == root_of(owner, keys.get)
