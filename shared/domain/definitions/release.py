"""A release: all definitions, validated together and numbered; it never changes (docs/definitions.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import structs

from shared.domain.coupons.definition import CouponDefinition
from shared.domain.definitions.needed_features import needed_features
from shared.domain.definitions.origin import Origin, read_origin, write_origin
from shared.domain.definitions.shop import Shop, Strict
from shared.domain.definitions.stored_models import read_stored
from shared.domain.definitions.stored_templates import StoredTemplates
from shared.domain.facts.features import features, read_features, union, write_features
from shared.domain.facts.fold import FOLD, Features
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.segments.definition import SegmentDefinition

if TYPE_CHECKING:
    from shared.domain.templates.definition import Template

SERVICE = {"team": "teams", "routing": "routing", "canned_answer": "canned_answers"}
"""Kinds that say how customers are answered, each with the word under which a release lists it. They are kept as JSON:
only those who answer read them (shared/domain/service)."""
CARRIED = 3
"""Earlier releases with other needs, whose features are folded on: enrollments pin theirs and wait by its rules."""


@dataclass(frozen=True)
class Release:
    """``folded_since``: the release in which ``features`` last changed; older facts are raised from the log.

    ``folded_as``: the ``fingerprint`` of whoever published it. The code goes on, and what the fingerprint of the same
    definitions is today says nothing about then. None: published before it was kept, so nobody knows.

    ``carried``: what the newest earlier releases with journeys needed, newest first.

    ``ruled_since``: per segment the release in which its rule last changed. Who enters or leaves because of that, and
    not for anything that happened, begins no journey.

    ``origin``: who published it, from files or in the console; None before that was kept. ``from_console``: by
    definition (``segment/at-risk``) the release in which the console changed it last, as long as no file did since.

    ``service``: by the words of ``SERVICE`` the definitions of teams, routing and canned answers, as JSON.
    """

    number: int
    shop: Shop
    segments: tuple[SegmentDefinition, ...] = ()
    journeys: tuple[JourneyDefinition, ...] = ()
    templates: Sequence[Template] = ()
    coupons: tuple[CouponDefinition, ...] = ()
    service: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    folded_since: int = 0
    folded_as: str | None = None
    carried: tuple[Features, ...] = ()
    ruled_since: Mapping[str, int] = field(default_factory=dict)
    origin: Origin | None = None
    from_console: Mapping[str, int] = field(default_factory=dict)

    def journey(self, name: str) -> JourneyDefinition | None:
        return next((journey for journey in self.journeys if journey.journey == name), None)

    def segment(self, name: str) -> SegmentDefinition | None:
        return next((segment for segment in self.segments if segment.segment == name), None)

    def template(self, name: str) -> Template | None:
        return self._templates.get(name)

    def coupon(self, name: str) -> CouponDefinition | None:
        """None for a code that everybody gets."""
        return next((coupon for coupon in self.coupons if coupon.coupon == name), None)

    @cached_property
    def _templates(self) -> dict[str, Template]:
        return {template.template: template for template in self.templates}

    @cached_property
    def needed(self) -> Features:
        """What facts must keep for these definitions."""
        return needed_features(self.segments, self.journeys)

    @cached_property
    def features(self) -> Features:
        """What facts must keep for these definitions and for the runs of those before them (docs/definitions.md)."""
        kept = union(self.needed, *self.carried) if self.carried else self.needed
        return structs.replace(kept, orders_from=self.shop.orders_from)

    def after(self, previous: Release) -> Release:
        """These definitions, published after those: they carry what runs of earlier ones still wait for.

        Definitions that need the same count once, so publishing again and again displaces nothing.
        """
        before = [*([previous.needed] if previous.journeys else []), *previous.carried]
        carried: list[Features] = []
        for asked in before:
            if asked.written() not in [one.written() for one in (features(), self.needed, *carried)]:
                carried.append(asked)
        return replace(self, carried=tuple(carried[:CARRIED]))

    @cached_property
    def fingerprint(self) -> str:
        """Equal if and only if the same features are folded."""
        kept = json.dumps([FOLD, *self.features.written()], ensure_ascii=True)
        return hashlib.blake2b(kept.encode(), digest_size=12).hexdigest()


NOTHING = Release(0, Shop.model_construct(name="-"))
"""What holds before the first release is published: events are folded, nothing else happens."""


def write_release(release: Release) -> str:
    """JSON; definitions as a marketer would have written them, templates compiled."""
    return json.dumps(
        {
            "number": release.number,
            "folded_since": release.folded_since,
            "folded_as": release.folded_as,
            "carried": [write_features(asked) for asked in release.carried],
            "ruled_since": dict(sorted(release.ruled_since.items())),
            "origin": None if release.origin is None else write_origin(release.origin),
            "from_console": dict(sorted(release.from_console.items())),
            "shop": _dumped([release.shop])[0],
            "segments": _dumped(release.segments),
            "journeys": _dumped(release.journeys),
            "templates": _dumped(release.templates),
            "coupons": _dumped(release.coupons),
            **{listed: list(release.service.get(listed, ())) for listed in SERVICE.values()},
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def read_release(text: str) -> Release:
    """The inverse of ``write_release``; templates are read when the first is asked for.

    Definitions were validated when they were published; what has another shape is validated again (``read_stored``).

    Raises
    ------
    ValidationError
        If a definition cannot be read. For a template it is raised each time that a template is asked for.
    """
    said = json.loads(text)
    return Release(
        number=said["number"],
        folded_since=said["folded_since"],
        folded_as=said.get("folded_as"),
        carried=tuple(map(read_features, said.get("carried", ()))),
        ruled_since=said.get("ruled_since", {}),
        origin=read_origin(said["origin"]) if said.get("origin") else None,
        from_console=said.get("from_console", {}),
        shop=read_stored(Shop, said["shop"]),
        segments=tuple(read_stored(SegmentDefinition, segment) for segment in said["segments"]),
        journeys=tuple(read_stored(JourneyDefinition, journey) for journey in said["journeys"]),
        templates=StoredTemplates(said["templates"]),
        coupons=tuple(read_stored(CouponDefinition, coupon) for coupon in said.get("coupons", ())),
        service={listed: said[listed] for listed in SERVICE.values() if said.get(listed)},
    )


def _dumped(definitions: Iterable[Strict]) -> list[Any]:
    return [definition.model_dump(mode="json", by_alias=True, exclude_unset=True) for definition in definitions]
