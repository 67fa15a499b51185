"""A template of a folder of definitions, shown to a made-up customer without a deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.definitions.folder import check_folder
from cli.definitions.renderer import renderer
from cli.failure import Failure, WrongUse
from shared.domain.messages.request import CHANNELS, Channel
from shared.domain.templates.definition import choose_language
from shared.domain.templates.preview import preview, preview_json
from shared.domain.templates.sample import PICTURES, SAMPLES, sample_view


def preview_of_folder(
    folder: Path, name: str, sample: str, *, language: str | None, channel: Channel | None
) -> dict[str, Any]:
    """What ``POST /v1/templates/{name}/preview`` answers, of definitions that are not published; ``release`` is 0.

    Raises
    ------
    Failure, WrongUse
        If the definitions have problems, or there is no such template.
    """
    found = check_folder(folder)
    if found.bundle is None:
        raise Failure(f"{found.problems[0]}: see all with `kervan definitions check {folder}`")
    template = next((one for one in found.bundle.templates if one.template == name), None)
    if template is None:
        known = ", ".join(sorted(one.template for one in found.bundle.templates)) or "none"
        raise WrongUse(f"{folder} has no template {name}; there are: {known}")
    shop = found.bundle.shop
    products, first_name = SAMPLES[sample]
    previews = preview(
        template,
        CHANNELS if channel is None else (channel,),
        lambda on: language or choose_language(shop.languages[0], template.languages(on), shop.languages),
        lambda said: sample_view(template, shop, said, products=products, first_name=first_name, image=PICTURES),
        renderer(),
    )
    return {
        "template": template.template,
        "purpose": template.purpose,
        "release": 0,
        "customer": None,
        "sample": sample,
        "channels": [preview_json(one, shop) for one in previews],
    }
