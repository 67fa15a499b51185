"""From documents to definitions that fit each other: shop, segments, journeys, templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from shared.domain.coupons.definition import CouponDefinition
from shared.domain.definitions.journey_problems import journey_problems
from shared.domain.definitions.problems import Problem, problems_of
from shared.domain.definitions.release import Release
from shared.domain.definitions.segment_problems import segment_problems
from shared.domain.definitions.shop import Shop
from shared.domain.journeys.date_segments import day_segments
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.definitions import Service
from shared.domain.service.routing import RoutingDefinition
from shared.domain.service.service_problems import service_problems
from shared.domain.service.team import TeamDefinition
from shared.domain.templates.definition import Template

CAPPED = ("marketing", "transactional", "email", "sms", "push")


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document, parsed; ``file`` is its path below the folder of definitions."""

    file: str
    content: Any


@dataclass(frozen=True, slots=True)
class Bundle:
    """Definitions that were validated together."""

    shop: Shop
    segments: tuple[SegmentDefinition, ...]
    journeys: tuple[JourneyDefinition, ...]
    templates: tuple[Template, ...]
    coupons: tuple[CouponDefinition, ...] = ()
    service: Service = field(default_factory=Service)

    def release(self) -> Release:
        """Ready to be published; the store gives the number."""
        service = self.service.documents()
        return Release(0, self.shop, self.segments, self.journeys, self.templates, self.coupons, service=service)


@dataclass(frozen=True, slots=True)
class Checked:
    """``bundle`` is None as long as there are problems. ``warnings`` keep nothing from being published."""

    bundle: Bundle | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()


def check(documents: Iterable[Document], templates: Mapping[str, Template], *, whole: bool = True) -> Checked:
    """Validate everything together; all problems at once, in the order of the files.

    ``whole`` is False where templates could not be read: then journeys are not asked about them.
    """
    found: list[Problem] = []
    shops = _Parsed(Shop, "shop", found, lambda _: "of this folder")
    segments = _Parsed(SegmentDefinition, "segment", found, lambda segment: segment.segment)
    journeys = _Parsed(JourneyDefinition, "journey", found, lambda journey: journey.journey)
    coupons = _Parsed(CouponDefinition, "coupon", found, lambda coupon: coupon.coupon)
    teams = _Parsed(TeamDefinition, "team", found, lambda team: team.team)
    routing = _Parsed(RoutingDefinition, "routing", found, lambda rule: rule.routing)
    canned = _Parsed(CannedAnswerDefinition, "canned_answer", found, lambda answer: answer.canned_answer)
    adding: dict[str, Callable[[Document], None]] = {
        "journey": journeys.add, "segment": segments.add, "coupon": coupons.add,
        "team": teams.add, "routing": routing.add, "canned_answer": canned.add,
    }  # fmt: skip
    for document in documents:
        content = document.content
        if not isinstance(content, Mapping):
            found.append(
                Problem(document.file, "", "the document holds no definition", "begin it with segment: or journey:")
            )
        else:
            adding.get(next((kind for kind in adding if kind in content), ""), shops.add)(document)
    if not shops.files and not any(problem.file == "shop.yaml" for problem in found):
        found.append(
            Problem("shop.yaml", "", "the shop is not described", "add shop.yaml with at least name: and time_zone:")
        )
    found += segment_problems(segments.files, segments.definitions)
    service = Service(teams.definitions, routing.definitions, canned.definitions)
    files = {f"{one.kind}/{name}": file for one in (teams, routing, canned) for name, file in one.files.items()}
    found += service_problems(files, service.teams, service.routing, segments.definitions)
    shop = next(iter(shops.definitions.values()), None)
    if shop is not None:
        found += _shop_problems(next(iter(shops.files.values())), shop)
        for name, journey in journeys.definitions.items():
            found += journey_problems(
                journeys.files[name],
                journey,
                shop,
                segments.definitions,
                coupons.definitions,
                templates,
                whole=whole,
            )
    if found or shop is None:
        return Checked(None, tuple(found))
    bundle = Bundle(
        shop,
        (*segments.definitions.values(), *day_segments(journeys.definitions.values())),
        tuple(journeys.definitions.values()),
        tuple(templates[name] for name in sorted(templates)),
        tuple(coupons.definitions.values()),
        service,
    )
    return Checked(bundle, ())


Definition = TypeVar(
    "Definition",
    Shop,
    SegmentDefinition,
    JourneyDefinition,
    CouponDefinition,
    TeamDefinition,
    RoutingDefinition,
    CannedAnswerDefinition,
)


class _Parsed(Generic[Definition]):
    """The definitions of one kind by name, and the file of each."""

    def __init__(
        self, model: type[Definition], kind: str, found: list[Problem], name: Callable[[Definition], str]
    ) -> None:
        self._model: type[Definition] = model
        self._name: Callable[[Definition], str] = name
        self.kind, self._found = kind, found
        self.definitions: dict[str, Definition] = {}
        self.files: dict[str, str] = {}

    def add(self, document: Document) -> None:
        try:
            definition = self._model.model_validate(document.content)
        except ValidationError as invalid:
            self._found.extend(problems_of(document.file, self._model, document.content, invalid))
            return
        name = self._name(definition)
        if name in self.files:
            message = f"the {self.kind} {name} is described twice"
            self._found.append(
                Problem(document.file, self.kind, message, f"keep this one or that in {self.files[name]}")
            )
            return
        self.definitions[name], self.files[name] = definition, document.file


def _shop_problems(file: str, shop: Shop) -> Iterator[Problem]:
    for name in shop.caps:
        if name not in CAPPED:
            yield Problem(file, f"caps.{name}", f"{name!r} cannot be capped", f"write one of {', '.join(CAPPED)}")
