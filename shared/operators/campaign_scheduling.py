"""Check a campaign (a definition as JSON, ``file``: the name its problems are told under), test, schedule, cancel."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

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
from shared.http.answers import Problem, malformed
from shared.operators import campaigns
from shared.operators.campaign_reach import reach
from shared.operators.environment import Environment
from shared.operators.find_customer import find_key
from shared.ports import Conflict
from shared.stores.campaigns import Campaigns
from shared.stores.journey_controls import JourneyControls
from shared.stores.releases import Releases
from shared.stores.timers import Arming, Timers


def checked(environment: Environment, wanted: Any, file: Any = None) -> dict[str, Any]:
    """All problems, or what it says and whom it would reach."""
    now = environment.clock.now()
    release = Releases(environment.catalog).current()
    found = check(wanted, release, now, file=_name(file))
    definition = found.definition
    if definition is None:
        return {"problems": [_problem(problem) for problem in found.problems]}
    reached = reach(environment, definition, now)
    return {
        "problems": [],
        "says": {"tr": describe_campaign(definition, "tr"), "en": describe_campaign(definition, "en")},
        "begins": time_text(begins(definition, release.shop, now)),
        "release": release.number,
        "reach": reached.as_json(),
        "warnings": _warnings(definition, reached.members),
    }


def schedule(environment: Environment, wanted: Any, file: Any = None) -> tuple[dict[str, Any], bool]:
    """Schedule a campaign, and tell whether it is new: the same once more changes nothing.

    Raises
    ------
    Problem
        400 with the first problem of the definition, 409 if the name is taken.
    """
    now = environment.clock.now()
    definition, release = _valid(environment, wanted, file, now)
    store = Campaigns(environment.catalog)
    known = store.get(definition.campaign)
    if known is None:
        found = reach(environment, definition, now)
        start = begins(definition, release.shop, now)
        campaign = Campaign(definition, release.number, start, now, found.members, found.at_least)
        # The timer first: a crash between the two leaves a timer that finds nothing.
        Timers(environment.timers).arm("journey", max(start, now), home_of(campaign.name), START)
        try:
            store.create(campaign)
            return campaigns.now_of(environment, campaign), True
        except Conflict:
            known = campaigns.find(environment, definition.campaign)
    if known.definition.model_dump() != definition.model_copy(update={"test": ()}).model_dump():
        raise Problem(409, "name_taken", f"another campaign {known.name} was scheduled; give this one its own name")
    return campaigns.now_of(environment, known), False


def send_test(environment: Environment, wanted: Any, file: Any = None) -> dict[str, Any]:
    """Send to the test recipients with the next tick; kept apart from the campaign, and counted nowhere.

    Raises
    ------
    Problem
        400 with the first problem of the definition, or if it names no test recipient.
    """
    now = environment.clock.now()
    definition, release = _valid(environment, wanted, file, now)
    if not definition.test:
        raise malformed("test: names nobody; add test: [email:you@example.com]")
    homes = {find_key(environment, written): written for written in definition.test}
    run = TEST_RUN + secrets.token_hex(6)
    campaign = Campaign(definition, release.number, now, now)
    Campaigns(environment.catalog).put_test(campaign, run)
    ref = f"{ONE}{campaign.name}#{milliseconds(now)}#{run}"
    Timers(environment.timers).arm_many([Arming("journey", now, home, ref) for home in homes])
    return {"name": campaign.name, "run": run, "recipients": list(homes.values())}


def cancel(environment: Environment, name: str) -> dict[str, Any]:
    """Stop a campaign at once: who has not got it, gets none.

    Raises
    ------
    Problem
        404 if none of this name was scheduled.
    """
    campaign = campaigns.find(environment, name)
    now = environment.clock.now()
    # Notify hears it first, so that nothing that is queued slips through while the walk is stopped.
    JourneyControls(environment.catalog).set(campaign_switch(name), "stopped", now)
    return campaigns.now_of(environment, Campaigns(environment.catalog).cancel(campaign, now))


def _valid(environment: Environment, wanted: Any, file: Any, now: datetime) -> tuple[CampaignDefinition, Release]:
    release = Releases(environment.catalog).current()
    found = check(wanted, release, now, file=_name(file))
    if found.definition is None:
        raise Problem(400, "invalid_definition", str(found.problems[0]))
    return found.definition, release


def _warnings(definition: CampaignDefinition, members: int) -> list[str]:
    throttle = definition.throttle
    if throttle is None or members * 60 <= throttle.per_minute * definition.fresh_for.total_seconds():
        return []
    needed = f"at {throttle.per_minute} a minute {members} customers take {-(-members // throttle.per_minute)} minutes"
    return [f"{needed}, and the last ones are stale by then; write a higher per_minute or a longer fresh_for"]


def _name(file: Any) -> str:
    return str(file or "campaign")[:200]


def _problem(problem: Wrong) -> dict[str, str]:
    return {
        "file": problem.file,
        "path": problem.path,
        "message": problem.message,
        "remedy": problem.remedy,
    }
