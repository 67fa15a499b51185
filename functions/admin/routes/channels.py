"""``/v1/channels``: the providers of the channels."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.channels import ChannelList
from functions.admin.operation import operation

router = new_router()


@router.get("/v1/channels", **operation("channels", "Whether each provider works", "channels", {200: ChannelList}))
def list_channels() -> Reply:
    from functions.admin import channels

    return reply(channels.channels(call_of(router).environment))
