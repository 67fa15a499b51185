"""Canned answers as an agent gets them: filled with what is known of the conversation, ready to be changed and sent."""

from __future__ import annotations

from typing import Any, Protocol

from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.canned_view import canned_view
from shared.domain.service.routing import language_said
from shared.domain.templates.content import Render, Unrenderable
from shared.domain.templates.view import View
from shared.http.answers import Problem, not_found
from shared.operators.agent_actions import Shown, UnknownConversation
from shared.operators.conversations import Environment as Conversations


class Environment(Conversations, Protocol):
    @property
    def render(self) -> Render: ...


def canned_answers(environment: Environment, id_: str, agent: str, name: str = "") -> list[dict[str, Any]]:
    """All of them by name, or the one of this name, in the customer's language where it is served.

    Raises
    ------
    Problem
        404 if there is no such conversation or canned answer.
    """
    rules = environment.agents.levels.rules()
    if not rules.canned_answers and not name:
        return []
    try:
        shown = environment.agents.show(id_)
    except UnknownConversation as unknown:
        raise not_found("there is no such conversation; GET /v1/conversations lists them") from unknown
    if name and name not in rules.canned_answers:
        raise not_found("there is no such canned answer; GET /v1/conversations/{id}/canned-answers lists them")
    wanted = [name] if name else sorted(rules.canned_answers)
    return [_filled(environment, rules.canned_answers[one], shown, agent) for one in wanted]


def canned_text(environment: Environment, id_: str, agent: str, name: str, channel: str) -> tuple[str, tuple[str, ...]]:
    """What is sent of one, and as which approved template of WhatsApp.

    Raises
    ------
    Problem
        404 as above, 409 if it is not meant for the channel or cannot be made.
    """
    (found,) = canned_answers(environment, id_, agent, name)
    if found["channels"] and channel not in found["channels"]:
        raise Problem(
            409, "not_for_channel", f"this text is meant for {', '.join(found['channels'])}; choose another one"
        )
    if not found["text"]:
        raise Problem(409, "not_renderable", "the text cannot be filled for this customer; write your own")
    return str(found["text"]), tuple(found["template"]) if channel == "whatsapp" else ()


def _filled(environment: Environment, one: CannedAnswerDefinition, shown: Shown, agent: str) -> dict[str, Any]:
    rules, profile = environment.agents.levels.rules(), shown.tree.profile()
    language = language_said(profile.trait, profile.locale, rules.languages[0])
    text, chosen = rules.text_in(one.text, language)
    view = canned_view(shown.group[0], profile, agent, rules, chosen)
    try:
        filled = environment.render(text, view, False).strip()
        template = _template(environment, one, view, chosen)
    except Unrenderable:
        filled, template = "", []
    return {
        "name": one.canned_answer,
        "label": dict(one.label),
        "language": chosen,
        "channels": list(one.channels),
        "text": filled,
        "template": template,
    }


def _template(environment: Environment, one: CannedAnswerDefinition, view: View, language: str) -> list[str]:
    """Its name, the code of the language, and its values; nothing if Meta approved none in this language."""
    approved = one.whatsapp
    code = None if approved is None else approved.languages.get(language)
    if approved is None or code is None:
        return []
    # Meta refuses line ends and empty values in the places of a template.
    values = [" ".join(environment.render(value, view, False).split()) or "-" for value in approved.values]
    return [approved.template, code, *values]
