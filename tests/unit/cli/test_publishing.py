"""Publishing the same definitions again: nothing new, unless this version folds otherwise than the one before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.deployment import ready_definitions
from cli.failure import Failure
from cli.publishing import Published, publish
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.release import Release, read_release, write_release
from shared.domain.definitions.shop import Shop
from shared.domain.facts.fold import FOLD
from shared.stores.releases import Releases

pytestmark = pytest.mark.unit


def definitions(name: str = "Kervan") -> Release:
    """Read anew, as each run of the command does."""
    return Release(0, Shop(name=name))


def test_the_same_definitions_are_published_once() -> None:
    """`make run` and a pipeline may publish as often as they like."""
    catalog = MemoryTable()
    assert publish(catalog, definitions()) == Published(1, new=True)
    assert publish(catalog, definitions()) == Published(1, new=False)


def test_the_ready_definitions_are_published_once() -> None:
    """With segments too: since when a rule is what it is, is no part of the definitions."""
    catalog = MemoryTable()
    assert publish(catalog, ready_definitions()) == Published(1, new=True)
    assert publish(catalog, ready_definitions()) == Published(1, new=False)


def test_an_upgrade_that_folds_otherwise_publishes_the_same_definitions_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """After FOLD was raised, facts of the release before are outdated, once; what was stored stays as it was."""
    catalog = MemoryTable()
    publish(catalog, definitions())
    before = Releases(catalog).current()
    monkeypatch.setattr("shared.domain.definitions.release.FOLD", FOLD + 1)
    assert publish(catalog, definitions()) == Published(2, new=True, raises=True)
    assert publish(catalog, definitions()) == Published(2, new=False)
    now = Releases(catalog).current()
    assert (now.folded_since, now.folded_as) == (2, definitions().fingerprint)
    assert (before.folded_as, now.shop) == ((Releases(catalog).get(1) or now).folded_as, before.shop)
    assert before.folded_as != now.folded_as


def test_a_stored_release_says_what_was_true_when_it_was_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other definitions published after an upgrade raise facts too, though the code that publishes them would compute
    the same fingerprint for both releases."""
    catalog = MemoryTable()
    publish(catalog, definitions())
    monkeypatch.setattr("shared.domain.definitions.release.FOLD", FOLD + 1)
    assert publish(catalog, definitions("Other")) == Published(2, new=True, raises=True)
    assert publish(catalog, definitions("Third")) == Published(3, new=True)
    assert Releases(catalog).current().folded_since == 2


def test_a_release_of_before_is_read_and_its_facts_are_raised_once() -> None:
    """A release that was stored without its fingerprint is readable; nobody knows how it was folded."""
    catalog = MemoryTable()
    publish(catalog, definitions())
    [item] = catalog.query("release#1").items
    old = json.loads(item["data"])
    del old["folded_as"]
    catalog.put({**item, "data": json.dumps(old).encode()})
    assert Releases(catalog).current().folded_as is None
    assert Releases(catalog).current().shop == definitions().shop
    assert publish(catalog, definitions()) == Published(2, new=True, raises=True)
    assert publish(catalog, definitions()) == Published(2, new=False)


def test_what_was_kept_is_read_again() -> None:
    """The fingerprint goes through JSON with the rest."""
    known = Releases(MemoryTable()).publish(definitions())
    assert known.folded_as == definitions().fingerprint
    assert read_release(write_release(known)) == known


def test_a_text_that_people_agreed_to_stays_what_it_was() -> None:
    """A new version may come, a language may be added, one may be taken away; the words stay."""
    catalog = MemoryTable()
    text = {"tr": "Kabul ediyorum.", "channels": ["email"]}

    def published(**texts: Any) -> bool:
        shop = Shop.model_validate({"name": "Shop", "consent_texts": texts})
        return publish(catalog, Release(0, shop)).new

    assert published(a=text)
    with pytest.raises(Failure, match=r"consent_texts\.a says something else"):
        published(a={**text, "tr": "Her şeyi kabul ediyorum."}, b=text)
    with pytest.raises(Failure, match=r"consent_texts\.a"):
        published(a={"en": "I agree.", "channels": ["email"]})
    assert published(a={**text, "en": "I agree."}, b={"tr": "Başka."})
    assert published(b={"tr": "Başka."})
    assert published(b={"tr": "Başka."}, c=text)
    with pytest.raises(Failure, match=r"consent_texts\.a"):
        published(a={**text, "tr": "Yeni sözler."})  # removed two releases ago: it comes back only as it was
    assert published(a={**text, "en": "I agree."})


def test_texts_of_releases_before_they_were_noted_count_too() -> None:
    """A deployment that published before has no notes; its releases have the words."""
    catalog = MemoryTable()
    old = Shop.model_validate({"name": "Shop", "consent_texts": {"a": {"tr": "Kabul ediyorum."}}})
    publish(catalog, Release(0, old))
    publish(catalog, Release(0, Shop(name="Shop")))
    catalog.delete("release", "text#a")
    changed = Shop.model_validate({"name": "Shop", "consent_texts": {"a": {"tr": "Başka."}}})
    with pytest.raises(Failure, match=r"consent_texts\.a"):
        publish(catalog, Release(0, changed))


def test_removed_texts_are_kept_for_the_proof() -> None:
    """With all their languages, whichever release had them."""
    catalog = MemoryTable()
    for texts in ({"a": {"tr": "Evet."}}, {"a": {"tr": "Evet.", "en": "Yes."}}, {}):
        publish(catalog, Release(0, Shop.model_validate({"name": "Shop", "consent_texts": texts})))
    assert Releases(catalog).consent_texts()["a"].texts == {"tr": "Evet.", "en": "Yes."}
