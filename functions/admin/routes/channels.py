"""``/v1/channels``: the providers of the channels."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.channels import ChannelList, ChannelRequest, ChannelState
from functions.admin.operation import operation

router = new_router()


@router.get("/v1/channels", **operation("channels", "Whether each provider works", "channels", {200: ChannelList}))
def list_channels() -> Reply:
    from shared.operators import channels

    return reply(channels.channels(call_of(router).environment))


@router.put(
    "/v1/channels/<channel>",
    **operation("resumeChannel", "Let marketing go on", "channels", {200: ChannelState}, 400, 404, 413),
)
def resume_channel(channel: str, wanted: ChannelRequest) -> Reply:
    from shared.operators import channels

    call = call_of(router)
    return reply(channels.resume(call.environment, channel, call.source))
