"""With the admin key: check a campaign, test it, schedule it, cancel it (``POST /v1/campaigns...``)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.admin import campaigns
from functions.admin.campaign_reach import reach
from functions.admin.environment import Environment
from functions.admin.find_customer import find_key
from functions.admin.json_body import json_object
from shared.domain.campaigns.campaign import Campaign
from shared.domain.campaigns.check import check
from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.campaigns.describe import describe_campaign
from shared.domain.campaigns.timer_names import ONE, START, home_of
from shared.domain.campaigns.timing import begins
from shared.domain.definitions.problems import Problem as Wrong
from shared.domain.definitions.release import Release
from shared.domain.identity.keys import milliseconds, time_text
from shared.domain.messages.request import TEST_RUN, campaign_switch
from shared.http.answers import Answer, Problem, answer, malformed, not_found
from shared.http.request import Request
from shared.ports import Conflict
from shared.stores.campaigns import Campaigns
from shared.stores.journey_controls import JourneyControls
from shared.stores.releases import Releases
from shared.stores.timers import Arming, Timers

MOST_BYTES = 100_000
"""Of a body: a campaign is a few lines, and must fit into an item of the table."""


def act(request: Request, environment: Environment) -> Answer:
    """Answer one word about campaigns.

    Raises
    ------
    Problem
        400 with the first problem of a definition, 404 for what is not there, 409 if the name is taken.
    """
    match request.path[2:]:
        case ():
            return _schedule(json_object(request, at_most=MOST_BYTES), environment)
        case ("check",):
            return _check(json_object(request, at_most=MOST_BYTES), environment)
        case ("test",):
            return _test(json_object(request, at_most=MOST_BYTES), environment)
        case (name, "cancel"):
            return _cancel(name, environment)
        case _:
            raise not_found("there is nothing here; POST to /v1/campaigns, /check, /test or /<name>/cancel")


def _check(body: Mapping[str, Any], environment: Environment) -> Answer:
    """All problems, or what it says and whom it would reach."""
    now = environment.clock.now()
    release = Releases(environment.catalog).current()
    checked = check(body.get("definition"), release, now, file=_file(body))
    if checked.definition is None:
        return answer({"problems": [_problem(problem) for problem in checked.problems]})
    found = reach(environment, checked.definition, release.shop, now)
    return answer(
        {
            "problems": [],
            "says": {
                "tr": describe_campaign(checked.definition, "tr"),
                "en": describe_campaign(checked.definition, "en"),
            },
            "begins": time_text(begins(checked.definition, release.shop, now)),
            "release": release.number,
            "reach": found.as_json(),
            "warnings": _warnings(checked.definition, found.members),
        }
    )


def _schedule(body: Mapping[str, Any], environment: Environment) -> Answer:
    """The timer first, then the campaign: a crash between the two leaves a timer that finds nothing. Scheduling the
    same once more changes nothing."""
    now = environment.clock.now()
    definition, release = _checked(body, environment, now)
    store = Campaigns(environment.catalog)
    known = store.get(definition.campaign)
    if known is None:
        found = reach(environment, definition, release.shop, now)
        start = begins(definition, release.shop, now)
        campaign = Campaign(definition, release.number, start, now, found.members, found.at_least)
        Timers(environment.timers).arm("journey", max(start, now), home_of(campaign.name), START)
        try:
            store.create(campaign)
            return _shown(campaign, environment, 201)
        except Conflict:
            known = campaigns.find(environment, definition.campaign)
    if known.definition.model_dump() != definition.model_copy(update={"test": ()}).model_dump():
        raise Problem(409, "name_taken", f"another campaign {known.name} was scheduled; give this one its own name")
    return _shown(known, environment, 200)


def _test(body: Mapping[str, Any], environment: Environment) -> Answer:
    """To the test recipients with the next tick; kept apart from the campaign, and counted nowhere."""
    now = environment.clock.now()
    definition, release = _checked(body, environment, now)
    if not definition.test:
        raise malformed("test: names nobody; add test: [email:you@example.com]")
    homes = {find_key(environment, written): written for written in definition.test}
    run = TEST_RUN + secrets.token_hex(6)
    campaign = Campaign(definition, release.number, now, now)
    Campaigns(environment.catalog).put_test(campaign, run)
    ref = f"{ONE}{campaign.name}#{milliseconds(now)}#{run}"
    Timers(environment.timers).arm_many([Arming("journey", now, home, ref) for home in homes])
    return answer({"name": campaign.name, "run": run, "recipients": list(homes.values())}, 202)


def _cancel(name: str, environment: Environment) -> Answer:
    """Notify hears it first, so that nothing that is queued slips through while the walk is stopped."""
    campaign = campaigns.find(environment, name)
    now = environment.clock.now()
    JourneyControls(environment.catalog).set(campaign_switch(name), "stopped", now)
    return _shown(Campaigns(environment.catalog).cancel(campaign, now), environment, 200)


def _checked(body: Mapping[str, Any], environment: Environment, now: datetime) -> tuple[CampaignDefinition, Release]:
    release = Releases(environment.catalog).current()
    checked = check(body.get("definition"), release, now, file=_file(body))
    if checked.definition is None:
        raise Problem(400, "invalid_definition", str(checked.problems[0]))
    return checked.definition, release


def _warnings(definition: CampaignDefinition, members: int) -> list[str]:
    throttle = definition.throttle
    if throttle is None or members * 60 <= throttle.per_minute * definition.fresh_for.total_seconds():
        return []
    needed = f"at {throttle.per_minute} a minute {members} customers take {-(-members // throttle.per_minute)} minutes"
    return [f"{needed}, and the last ones are stale by then; write a higher per_minute or a longer fresh_for"]


def _shown(campaign: Campaign, environment: Environment, status: int) -> Answer:
    return answer(campaigns.now_of(environment, campaign), status)


def _file(body: Mapping[str, Any]) -> str:
    return str(body.get("file") or "campaign")[:200]


def _problem(problem: Wrong) -> dict[str, str]:
    return {
        "file": problem.file,
        "path": problem.path,
        "message": problem.message,
        "remedy": problem.remedy,
    }
