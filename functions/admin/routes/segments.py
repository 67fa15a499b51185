"""``/v1/segments``: published segments, who is in one, why, and who will come and go."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, given, new_router, reply
from functions.admin.models.segments import SegmentExplanation, SegmentMembers, Segments, UpcomingFlips
from functions.admin.operation import operation
from functions.admin.parameters import CursorText, Days, Identifier, LanguageText, Limit, SegmentName, Traits

router = new_router()
TAG = "segments"


@router.get(
    "/v1/segments", **operation("segments", "Published segments and how many are in each", TAG, {200: Segments})
)
def list_segments() -> Reply:
    from shared.operators import segments

    return reply(segments.segments(call_of(router).environment))


@router.get(
    "/v1/segments/<name>/members",
    **operation("segmentMembers", "Who is in a segment, and since when", TAG, {200: SegmentMembers}, 400, 404),
)
def list_members(name: SegmentName, limit: Limit = None, cursor: CursorText = None, traits: Traits = None) -> Reply:
    from shared.operators import segment_members

    page = segment_members.members if traits is None else segment_members.with_traits
    return reply(page(call_of(router).environment, name, given(limit=limit, cursor=cursor, traits=traits)))


@router.get(
    "/v1/segments/<name>/explain/<identifier>",
    **operation("explainSegment", "Why a customer is in or out", TAG, {200: SegmentExplanation}, 400, 404),
)
def explain(name: SegmentName, identifier: Identifier, language: LanguageText = None) -> Reply:
    from shared.operators import segment_explanations

    environment = call_of(router).environment
    return reply(segment_explanations.explained(environment, name, identifier, given(language=language)))


@router.get(
    "/v1/segments/<name>/upcoming",
    **operation("upcomingFlips", "Who enters and leaves with time alone", TAG, {200: UpcomingFlips}, 400, 404),
)
def list_upcoming(name: SegmentName, days: Days = None) -> Reply:
    from shared.operators import segment_explanations

    return reply(segment_explanations.upcoming(call_of(router).environment, name, given(days=days)))
