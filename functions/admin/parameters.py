"""Parameters of paths and queries, as the document shows them. Values stay text: who uses one says what is wrong."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import AfterValidator, WithJsonSchema

from shared.operators.paging import LIMIT, MOST


def _decoded(part: str) -> str:
    return unquote(part, errors="surrogatepass")


def _shown(kind: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": kind, **more})


Identifier = Annotated[
    str,
    Path(description="`user:42`, `email:ayse@example.com`, ... URL-encoded, or the id of a customer"),
    AfterValidator(_decoded),
    _shown("string", minLength=1, examples=["user:42"]),
]
SegmentName = Annotated[
    str, Path(description="of a segment"), AfterValidator(_decoded), _shown("string", examples=["high-value"])
]
JourneyName = Annotated[
    str, Path(description="of a journey"), AfterValidator(_decoded), _shown("string", examples=["cart-recovery"])
]
CampaignName = Annotated[
    str, Path(description="of a campaign"), AfterValidator(_decoded), _shown("string", examples=["spring-sale"])
]
TemplateName = Annotated[
    str, Path(description="of a template"), AfterValidator(_decoded), _shown("string", examples=["cart-offer"])
]
ErasureId = Annotated[
    str,
    Path(description="of an erasure"),
    AfterValidator(_decoded),
    _shown("string", examples=["20261129T101500Z-0a1b2c3d4e5f"]),
]
CaseId = Annotated[
    str,
    Path(description="of a case"),
    AfterValidator(_decoded),
    _shown("string", examples=["20261129T101500Z-0a1b2c3d4e5f"]),
]
CaseStateText = Annotated[
    str | None,
    Query(alias="state", description="keep those; `waiting` are those without an answer"),
    _shown("string", enum=["waiting", "open", "running", "done", "refused", "lifted"]),
]
CouponName = Annotated[
    str, Path(description="of a coupon"), AfterValidator(_decoded), _shown("string", examples=["CART10"])
]
CouponCode = Annotated[
    str, Path(description="as a customer has it"), AfterValidator(_decoded), _shown("string", examples=["KIS-1"])
]
IysState = Annotated[
    str | None,
    Query(description="due, pending or refused"),
    _shown("string", enum=["due", "pending", "refused"], default="due"),
]
SourceName = Annotated[
    str, Path(description="of a source"), AfterValidator(_decoded), _shown("string", examples=["web"])
]
QueueName = Annotated[
    str, Path(description="of dead letters"), AfterValidator(_decoded), _shown("string", examples=["email"])
]
LetterId = Annotated[str, Path(description="of a letter"), AfterValidator(_decoded), _shown("string")]
Question = Annotated[
    str | None,
    Query(description="a name's beginning, an e-mail address, a phone, card or order number, a user id"),
    _shown("string", minLength=1, maxLength=200, examples=["ayse"]),
]
ReportName = Annotated[
    str, Path(description="of a report"), AfterValidator(_decoded), _shown("string", examples=["overview"])
]
FirstDay = Annotated[
    str | None,
    Query(alias="from", description="the first day, of the shop's time zone; 30 days if absent"),
    _shown("string", format="date"),
]
LastDay = Annotated[str | None, Query(description="the last day; yesterday if absent"), _shown("string", format="date")]
InSegment = Annotated[
    str | None, Query(description="only customers who are in this segment today"), _shown("string", maxLength=100)
]
Compare = Annotated[
    str | None,
    Query(description="beside each number that of the period before"),
    _shown("string", enum=["true", "false"], default="false"),
]
Limit = Annotated[
    str | None,
    Query(description="items of one page"),
    _shown("integer", minimum=1, maximum=MOST, default=LIMIT),
]
CursorText = Annotated[str | None, Query(description="the cursor of the page before"), _shown("string")]
Traits = Annotated[
    str | None, Query(description="names of traits, with commas between: each member is told whole"), _shown("string")
]
Days = Annotated[str | None, Query(description="how far ahead"), _shown("integer", minimum=1, maximum=31, default=7)]
LanguageText = Annotated[
    str | None, Query(description="of the sentences"), _shown("string", enum=["tr", "en"], default="en")
]
Kind = Annotated[str | None, Query(description="what to keep"), _shown("string", enum=["event", "message"])]
EventTypeText = Annotated[
    str | None,
    Query(alias="type", description="what to keep"),
    _shown("string", enum=["track", "identify", "page", "screen", "group", "alias", "message"]),
]
EventName = Annotated[str | None, Query(description="keep events of this name"), _shown("string")]
LineId = Annotated[
    str | None,
    Query(alias="id", description="keep the line of this messageId, or of this id of evidence"),
    _shown("string"),
]
ChannelText = Annotated[str | None, Query(description="keep what this channel reported or got"), _shown("string")]
From = Annotated[
    str | None,
    Query(alias="from", description="keep what came at this time or later"),
    _shown("string", format="date-time"),
]
To = Annotated[
    str | None, Query(alias="to", description="keep what came before this time"), _shown("string", format="date-time")
]
