"""``POST /v1/templates/{name}/test``: a template to a test recipient, as a test of a campaign is sent."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.campaigns.timer_names import ONE
from shared.domain.definitions.release import Release
from shared.domain.identity.keys import milliseconds
from shared.domain.journeys.coupon_gift import GiveDefinition
from shared.domain.messages.request import CHANNELS, TEST_RUN, Channel
from shared.domain.templates.definition import Template
from shared.http.answers import malformed, not_found
from shared.operators.environment import Environment
from shared.operators.find_customer import find_key
from shared.operators.template_previews import published
from shared.stores.campaigns import Campaigns
from shared.stores.releases import Releases
from shared.stores.timers import Arming, Timers

NAME = "test-"
"""Before the name of the template it is what the message says in the place of a journey."""
SAMPLE_GIFT = GiveDefinition.model_validate({"coupon": "TEST10", "percent": 10, "valid": "72h"})
"""What a template shows that gives something, if no journey sends it."""


def send(environment: Environment, name: str, to: str, channel: Channel | None = None) -> dict[str, Any]:
    """Hand the template to the next tick, for each channel by itself: through the gates, counted nowhere. ``to`` is a
    name of the shop's test recipients.

    Raises
    ------
    Problem
        404 if there is no such template or recipient, 400 if the template does not have the channel.
    """
    now = environment.clock.now()
    release = Releases(environment.catalog).current()
    template = published(release, name)
    recipient = release.shop.test_recipients.get(to)
    if recipient is None:
        known = ", ".join(sorted(release.shop.test_recipients)) or "none; add test_recipients to shop.yaml"
        raise not_found(f"there is no such test recipient; there are: {known}")
    channels = _channels(template, channel)
    home = find_key(environment, recipient)
    store, armings = Campaigns(environment.catalog), list[Arming]()
    for served in channels:
        run = TEST_RUN + secrets.token_hex(6)
        campaign = _campaign(release, template, served, now)
        store.put_test(campaign, run)
        armings.append(Arming("journey", now, home, f"{ONE}{campaign.name}#{milliseconds(now)}#{run}"))
    Timers(environment.timers).arm_many(armings)
    return {"template": template.template, "to": to, "recipient": recipient, "channels": list(channels)}


def _channels(template: Template, wanted: Channel | None) -> tuple[Channel, ...]:
    served = tuple(channel for channel in CHANNELS if template.languages(channel))
    if wanted is None:
        return served
    if wanted not in served:
        raise malformed(f"channel: the template has no {wanted}; it has {', '.join(served)}")
    return (wanted,)


def _campaign(release: Release, template: Template, channel: Channel, now: datetime) -> Campaign:
    """What the tick reads again. It has no segment: only the timer of the recipient is armed."""
    name = (NAME + template.template)[:64].rstrip("-")
    definition = CampaignDefinition(
        campaign=name,
        segment=name,
        send=template.template,
        purpose=template.purpose,
        channels=(channel,),
        at="now",
        give=_gift(release, template),
    )
    return Campaign(definition, release.number, now, now, sample=True)


def _gift(release: Release, template: Template) -> GiveDefinition | None:
    """What the first step gives that sends the template."""
    steps = (step for journey in release.journeys for step in journey.sends if step.send == template.template)
    found = next((step.give for step in steps if step.give is not None), None)
    needs_gift = any(name in {"offer.coupon", "offer.percent"} for name in template.needs)
    return found or (SAMPLE_GIFT if needs_gift else None)
