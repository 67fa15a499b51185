"""Paths of definitions that are changed in the console: drafts, publishing, releases."""

from __future__ import annotations

from functions.console.rights import Right
from functions.console.route import get, post

DEFINITION_ROUTES = (
    get("publish", "publishing.show", Right.EDIT),
    post("publish", "publishing.publish", Right.PUBLISH),
    post("drafts/*/*/discard", "publishing.throw_away", Right.EDIT),
    post("drafts/*/*/keep", "publishing.keep", Right.EDIT),
    get("new-segment", "segment_editor.new", Right.EDIT),
    post("new-segment", "segment_editor.submit", Right.EDIT),
    get("segments/*/edit", "segment_editor.show", Right.EDIT),
    post("segments/*/edit", "segment_editor.submit", Right.EDIT),
    post("segment-preview", "segment_editor.preview", Right.EDIT),
    get("new-journey", "journey_editor.new", Right.EDIT),
    post("new-journey", "journey_editor.submit", Right.EDIT),
    get("journeys/*/edit", "journey_editor.show", Right.EDIT),
    post("journeys/*/edit", "journey_editor.submit", Right.EDIT),
    post("journey-preview", "journey_editor.preview", Right.EDIT),
    get("journeys/*/passed", "journey_passed.show", Right.REPORTS),
    get("journeys/*/dry-run", "dry_runs.ask", Right.EDIT),
    post("journeys/*/dry-run", "dry_runs.begin", Right.EDIT),
    get("dry-runs/*", "dry_runs.show", Right.EDIT),
    post("dry-runs/*", "dry_runs.stop", Right.EDIT),
    get("dry-runs/*/progress", "dry_runs.progress", Right.EDIT),
    get("service", "service_editor.show", Right.SEE),
    get("new-service/*", "service_editor.new", Right.TEXTS),
    post("new-service/*", "service_editor.begin", Right.TEXTS),
    get("service/*/*/edit", "service_editor.edit", Right.TEXTS),
    post("service/*/*/edit", "service_editor.submit", Right.TEXTS),
    get("releases", "releases.show", Right.SEE),
    get("releases/*", "releases.one", Right.SEE),
    post("releases/*", "releases.publish_again", Right.PUBLISH),
)
