"""Paths of webhooks of gateways and of web push, answered by ``functions/ingest``, in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from functions.admin.document.tracking_paths import errors, json_content

TAG = "senders"
_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,31}$"}
PROOF = "operatorProof"
META_PROOF = "metaSignature"
SHOP_PROOF = "shopSignature"
REGISTER_PROOF = "registerToken"
SECURITY_SCHEMES = {
    SHOP_PROOF: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Shopify-Hmac-Sha256",
        "description": "Base64 of the HMAC-SHA256 of the raw body with the connector's secret; the header is that of "
        "the platform: X-WC-Webhook-Signature, or what the connector's definition names",
    },
    REGISTER_PROOF: {
        "type": "http",
        "scheme": "bearer",
        "description": "the token of `kervan senders secret iys token --hook`",
    },
    META_PROOF: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Hub-Signature-256",
        "description": "sha256= and the HMAC of the raw body with the app's secret",
    },
    PROOF: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Token",
        "description": "a token in the header or parameter, or a signature, that the gateway's definition names",
    },
}
_NO_KEY = {"description": "no key pair was made yet", "content": json_content("ErrorAnswer")}
_FORM = "application/x-www-form-urlencoded"


def paths() -> dict[str, Any]:
    """Operations by path and method."""
    return {
        "/v1/hooks/sms/{sender}": {"post": _hook()},
        "/v1/hooks/shops/{connector}": {"post": _shop_hook()},
        "/v1/hooks/meta": {"get": _meta_question(), "post": _meta_hook()},
        "/v1/hooks/iys": {"post": _register_hook()},
        "/v1/push/key": {"get": _key()},
    }


def _hook() -> dict[str, Any]:
    """The body is what the gateway's definition describes, so nothing is said of it here."""
    return {
        "operationId": "takeSmsHook",
        "summary": "Delivery reports and replies of an operator's gateway",
        "description": "The gateway's definition says how the operator proves who it is, and where the body says what.",
        "tags": [TAG],
        "security": [{PROOF: []}],
        "parameters": [{"name": "sender", "in": "path", "required": True, "schema": _NAME}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}, _FORM: {"schema": {}}}},
        "responses": {"200": _answer({"success": {"type": "boolean"}}), **errors(400, 401, 413, 503)},
    }


def _shop_hook() -> dict[str, Any]:
    """The body is in the platform's own form."""
    warning = {"type": "object", "properties": {"field": {"type": "string"}, "reason": {"type": "string"}}}
    number = {"type": "integer", "minimum": 0}
    told = {
        "success": {"type": "boolean"}, "events": number, "products": number, "levels": number,
        "warnings": {"type": "array", "items": warning},
    }  # fmt: skip
    schema = {"type": "object", "properties": told, "required": ["success"], "additionalProperties": False}
    done = {"description": "stored; what cannot be used is told", "content": {"application/json": {"schema": schema}}}
    return {
        "operationId": "takeShopHook",
        "summary": "What a connected shop reports: orders, customers, products, stock",
        "description": "In the form of the platform, or of the connector's mapping. Repeating it changes nothing.",
        "tags": [TAG],
        "security": [{SHOP_PROOF: []}],
        "parameters": [
            {
                "name": "connector",
                "in": "path",
                "required": True,
                "schema": {**_NAME, "pattern": "^[a-z][a-z0-9-]{0,26}$"},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}, _FORM: {"schema": {}}}},
        "responses": {"200": done, **errors(400, 401, 413, 429, 503)},
    }


def _meta_question() -> dict[str, Any]:
    names = ("hub.mode", "hub.verify_token", "hub.challenge")
    text = {"description": "the challenge", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {
        "operationId": "proveMetaHook",
        "summary": "Meta asks whether the address is ours",
        "tags": [TAG],
        "security": [],
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in names
        ],
        "responses": {"200": text, **errors(403, 503)},
    }


def _meta_hook() -> dict[str, Any]:
    return {
        "operationId": "takeMetaHook",
        "summary": "Messages on WhatsApp, Instagram and Messenger",
        "description": "In Meta's own form, signed with the app's secret.",
        "tags": [TAG],
        "security": [{META_PROOF: []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
        "responses": {"200": _answer({"success": {"type": "boolean"}}), **errors(400, 401, 413, 503)},
    }


def _register_hook() -> dict[str, Any]:
    counted = {"accepted": {"type": "integer"}, "unreadable": {"type": "integer"}}
    return {
        "operationId": "takeIysHook",
        "summary": "Changes of consent at Turkey's register (IYS), as they happen",
        "description": "One change, a list of changes, or an object with a list, each in the form of IYS.",
        "tags": ["iys"],
        "security": [{REGISTER_PROOF: []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
        "responses": {"200": _answer(counted), **errors(400, 401, 413, 503)},
    }


def _key() -> dict[str, Any]:
    return {
        "operationId": "readPushKey",
        "summary": "The public key with which browsers subscribe to push messages",
        "tags": [TAG],
        "security": [],
        "responses": {"200": _answer({"public_key": {"type": "string"}}), "404": _NO_KEY, **errors(503)},
    }


def _answer(properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {"description": "done", "content": {"application/json": {"schema": schema}}}
