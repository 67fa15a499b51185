"""``POST /v1/templates/{name}/preview``: what a message would say to a customer, or to a made-up one. Reads only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.domain.coupons.definition import sample_code
from shared.domain.definitions.release import Release
from shared.domain.identity.keys import milliseconds
from shared.domain.journeys.coupon_gift import give_of
from shared.domain.journeys.enrollment import Enrollment, from_item
from shared.domain.messages.gates import language_of
from shared.domain.messages.request import CHANNELS, Channel, Give, SendRequest
from shared.domain.templates.content import Render
from shared.domain.templates.definition import Template, choose_language
from shared.domain.templates.preview import PREFERENCES, UNSUBSCRIBE, LanguageOf, preview, preview_json
from shared.domain.templates.sample import PICTURES, SAMPLES, sample_view
from shared.domain.templates.view import Reader, View, view_of
from shared.domain.time.local_time import zone_of
from shared.http.answers import malformed, not_found
from shared.operators.environment import Environment
from shared.operators.find_customer import find_tree
from shared.queries.customer_tree import Tree
from shared.queries.trigger_event import read_trigger_event
from shared.stores.companions import CompanionStore
from shared.stores.customers import CustomerStore
from shared.stores.releases import Releases

SAMPLE = "two"
"""The made-up customer that is shown if nobody is named."""


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom it is shown: a customer or one of the made-up ones (``SAMPLE`` if neither is named), in whose language,
    and on which channel; all if none is named."""

    customer: str | None = None
    sample: str | None = None
    language: str | None = None
    channel: Channel | None = None


def shown(environment: Environment, name: str, asked: Asked, render: Render) -> dict[str, Any]:
    """The template of the current release, on every channel or on one.

    Raises
    ------
    Problem
        404 if there is no such template or customer, 400 if customer and sample are both named.
    """
    release = Releases(environment.catalog).current()
    template = published(release, name)
    if asked.customer is not None and asked.sample is not None:
        raise malformed("name a customer or a sample, not both")
    if asked.customer is None:
        sample = asked.sample or SAMPLE
        customer, view_in, language = None, _sample_views(template, release, sample), _sample_language(release)
    else:
        sample, tree = None, find_tree(environment, asked.customer)
        customer, view_in = tree.root, _customer_views(environment, release, template, tree)
        language = _customer_language(release, tree)
    wanted = asked.language
    spoken: LanguageOf = (lambda _channel: wanted) if wanted else (lambda channel: language(template, channel))
    channels = CHANNELS if asked.channel is None else (asked.channel,)
    previews = preview(template, channels, spoken, view_in, render)
    return {
        "template": template.template,
        "purpose": template.purpose,
        "release": release.number,
        "customer": customer,
        "sample": sample,
        "channels": [preview_json(one, release.shop) for one in previews],
    }


def published(release: Release, name: str) -> Template:
    """The template of the release.

    Raises
    ------
    Problem
        404 with the names that there are.
    """
    template = release.template(name)
    if template is None:
        known = ", ".join(sorted(one.template for one in release.templates)) or "none yet"
        raise not_found(f"no such template is published; there are: {known}")
    return template


def _sample_views(template: Template, release: Release, sample: str) -> Callable[[str], View]:
    products, first_name = SAMPLES[sample]
    return lambda language: sample_view(
        template, release.shop, language, products=products, first_name=first_name, image=PICTURES
    )


def _sample_language(release: Release) -> Callable[[Template, str], str | None]:
    shop = release.shop.languages
    return lambda template, channel: choose_language(shop[0], template.languages(channel), shop)


def _customer_language(release: Release, tree: Tree) -> Callable[[Template, str], str | None]:
    profile = tree.profile()
    return lambda template, channel: language_of(profile, template, channel, release.shop)


def _customer_views(
    environment: Environment, release: Release, template: Template, tree: Tree
) -> Callable[[str], View]:
    """Of a journey that sends the template, the customer's newest enrollment says what the message is about, and the
    step says what it gives."""
    now, profile, shop = environment.clock.now(), tree.profile(), release.shop
    enrollment = _newest(tree, release, template)
    request = _request(release, template, enrollment, tree.root, milliseconds(now))
    customers, companions = CustomerStore(environment.customers), CompanionStore(environment.catalog)
    trigger_event = read_trigger_event(customers, companions, enrollment, template, profile)

    def view(language: str) -> View:
        reader = Reader(language, zone_of(profile, shop, now), now, UNSUBSCRIBE, PREFERENCES)
        return view_of(profile, shop, request, template, reader, trigger_event)

    return view


def _newest(tree: Tree, release: Release, template: Template) -> Enrollment | None:
    senders = _steps(release, template)
    found = [from_item(item) for member in tree.members for item in member.control.enrollments]
    return max((one for one in found if one.journey in senders), key=lambda one: one.trigger.at, default=None)


def _steps(release: Release, template: Template) -> dict[str, tuple[str, Give | None]]:
    """The journeys that send the template, each with the first such step and what it gives."""
    found: dict[str, tuple[str, Give | None]] = {}
    for journey in release.journeys:
        for step in journey.sends:
            if step.send == template.template:
                found.setdefault(journey.journey, (step.id, give_of(step.give)))
    return found


def _request(
    release: Release, template: Template, enrollment: Enrollment | None, home: str, now_ms: int
) -> SendRequest:
    steps = _steps(release, template)
    first = next(iter(steps), "preview")
    journey = enrollment.journey if enrollment is not None else first
    step, give = steps.get(journey, ("preview", None))
    if give is not None and release.coupon(give.coupon) is not None:
        give = give.model_copy(update={"coupon": sample_code(give.coupon)[:60]})
    return SendRequest(
        home=home,
        enrollment=enrollment.id if enrollment is not None else "preview",
        journey=journey,
        release=release.number,
        step=step,
        template=template.template,
        purpose=template.purpose,
        channels=CHANNELS,
        due_ms=now_ms,
        fresh_until_ms=now_ms,
        clock_ms=now_ms,
        give=give,
    )
