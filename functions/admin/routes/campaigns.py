"""``/v1/campaigns``: check, test, schedule and cancel, and how far each is."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.campaigns import CampaignAnswer, CampaignCheck, CampaignRequest, Campaigns, CampaignTest
from functions.admin.operation import operation
from functions.admin.parameters import CampaignName

router = new_router()
TAG = "campaigns"


@router.get("/v1/campaigns", **operation("campaigns", "Campaigns, the newest first", TAG, {200: Campaigns}))
def list_campaigns() -> Reply:
    from shared.operators import campaigns

    return reply(campaigns.listed(call_of(router).environment))


@router.get("/v1/campaigns/<name>", **operation("campaign", "How far it is", TAG, {200: CampaignAnswer}, 404))
def show_campaign(name: CampaignName) -> Reply:
    from shared.operators import campaigns

    return reply(campaigns.campaign(call_of(router).environment, name))


@router.post(
    "/v1/campaigns",
    **operation(
        "scheduleCampaign",
        "Schedule a campaign; the same once more changes nothing",
        TAG,
        {200: CampaignAnswer, 201: CampaignAnswer},
        *(400, 409, 413),
    ),
)
def schedule(wanted: CampaignRequest) -> Reply:
    from shared.operators import campaign_scheduling

    content, is_new = campaign_scheduling.schedule(call_of(router).environment, wanted.definition, wanted.file)
    return reply(content, 201 if is_new else 200)


@router.post(
    "/v1/campaigns/check",
    **operation("checkCampaign", "All problems, or whom it would reach", TAG, {200: CampaignCheck}, 400, 413),
)
def check(wanted: CampaignRequest) -> Reply:
    from shared.operators import campaign_scheduling

    return reply(campaign_scheduling.checked(call_of(router).environment, wanted.definition, wanted.file))


@router.post(
    "/v1/campaigns/test",
    **operation("testCampaign", "Send to the test recipients", TAG, {202: CampaignTest}, 400, 413),
)
def test(wanted: CampaignRequest) -> Reply:
    from shared.operators import campaign_scheduling

    return reply(campaign_scheduling.send_test(call_of(router).environment, wanted.definition, wanted.file), 202)


@router.post(
    "/v1/campaigns/<name>/cancel",
    **operation("cancelCampaign", "Who has not got it, gets none", TAG, {200: CampaignAnswer}, 404),
)
def cancel(name: CampaignName) -> Reply:
    from shared.operators import campaign_scheduling

    return reply(campaign_scheduling.cancel(call_of(router).environment, name))
