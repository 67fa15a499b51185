"""``/v1/templates``: what messages would say."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.templates import PreviewTemplateRequest, TemplatePreview, TemplateTest, TemplateTestRequest
from functions.admin.operation import operation
from functions.admin.parameters import TemplateName

if TYPE_CHECKING:
    from shared.adapters.liquid import LiquidRenderer

router = new_router()
TAG = "templates"


@router.post(
    "/v1/templates/<name>/preview",
    **operation("previewTemplate", "What it would say to a customer", TAG, {200: TemplatePreview}, 400, 404, 413),
)
def preview(name: TemplateName, asked: PreviewTemplateRequest) -> Reply:
    from shared.operators.template_previews import Asked, shown

    whom = Asked(asked.customer, asked.sample, asked.language, asked.channel)
    return reply(shown(call_of(router).environment, name, whom, _liquid()))


@router.post(
    "/v1/templates/<name>/test",
    **operation("testTemplate", "Send it to a test recipient", TAG, {202: TemplateTest}, 400, 404, 413),
)
def test(name: TemplateName, wanted: TemplateTestRequest) -> Reply:
    from shared.operators import template_tests

    return reply(template_tests.send(call_of(router).environment, name, wanted.to, wanted.channel), 202)


@cache
def _liquid() -> LiquidRenderer:
    """Made with the first preview."""
    from shared.adapters.liquid import LiquidRenderer

    return LiquidRenderer()
