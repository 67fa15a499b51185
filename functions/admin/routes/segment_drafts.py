"""``/v1/segments/preview`` and ``/explain``: questions about segments that are not published. Nothing is written."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.segment_drafts import ExplainRequest, PreviewRequest, SegmentPreview
from functions.admin.models.segments import SegmentExplanation
from functions.admin.operation import operation

router = new_router()
TAG = "segments"


@router.post(
    "/v1/segments/preview",
    **operation("previewSegment", "How many a draft would hold", TAG, {200: SegmentPreview}, 400, 413),
)
def preview(asked: PreviewRequest) -> Reply:
    from shared.operators import segment_preview

    return reply(segment_preview.preview(call_of(router).environment, asked.draft, asked.beside))


@router.post(
    "/v1/segments/explain",
    **operation(
        "explainDraft", "Why a customer would be in a draft or not", TAG, {200: SegmentExplanation}, 400, 404, 413
    ),
)
def explain_draft(asked: ExplainRequest) -> Reply:
    from shared.operators import segment_explanations

    environment = call_of(router).environment
    return reply(segment_explanations.explained_draft(environment, asked.draft, asked.identifier, asked.language))
