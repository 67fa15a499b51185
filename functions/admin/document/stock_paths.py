"""Paths of ``functions/stock`` in the OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions.admin.document import product_models
from functions.admin.document import stock_models as models
from functions.admin.document.tracking_paths import BEARER_KEY, REF, json_content
from functions.admin.operation import BEARER

TAG = "stock"
_ERRORS = {
    400: "something of the request cannot be read; the message says what",
    401: "no key, or one that nobody holds",
    403: "a public write key, or the admin key is needed",
    404: "it is not there",
    405: "another method; `allow` says which",
    409: "the stock does not allow it; nothing was changed",
    413: "the body is too large",
    503: "nothing was changed for sure: send it again with the same key after `retry-after` seconds",
}
_ALWAYS = (401, 403, 405, 503)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path: its name, what it does, what it takes and answers, which errors it may have."""

    method: str
    path: str
    name: str
    summary: str
    answers: tuple[type[BaseModel], ...]
    errors: tuple[int, ...] = ()
    takes: type[BaseModel] | None = None
    query: tuple[tuple[str, str], ...] = ()
    """Names of parameters, and what they are."""


_SEARCH = (
    ("q", "an id, or how the name begins"),
    ("limit", "items of one page, 1 to 100"),
    ("cursor", "the cursor of the page before"),
)
OPERATIONS = (
    Operation("get", "/v1/stock/{sku}", "stock", "Where a sku lies", (models.SkuLevels,), (400, 404)),
    Operation(
        "post",
        "/v1/stock/movements",
        "moveStock",
        "Change the stock, once",
        (models.MovementsAnswer, models.EndedAnswer),
        (400, 404, 409, 413),
        models.MovementRequest,
    ),
    Operation(
        "post",
        "/v1/stock/reservations",
        "reserveStock",
        "Hold pieces until an instant",
        (models.ReservationAnswer,),
        (400, 409, 413),
        models.ReservationRequest,
    ),
    Operation(
        "get",
        "/v1/stock/reservations/{id}",
        "reservation",
        "A reservation",
        (models.ReservationAnswer,),
        (400, 404),
    ),
    Operation(
        "post",
        "/v1/stock/reservations/{id}/release",
        "releaseReservation",
        "Free the pieces of a reservation",
        (models.ReservationAnswer,),
        (400, 404, 409, 413),
        models.ReleaseRequest,
    ),
    Operation(
        "post",
        "/v1/stock/pickups",
        "requestPickup",
        "Hold an order at a store",
        (models.PickupAnswer,),
        (400, 409, 413),
        models.PickupRequest,
    ),
    Operation(
        "get",
        "/v1/stock/pickups/{id}",
        "pickup",
        "A pick-up",
        (models.PickupAnswer,),
        (400, 404),
    ),
    Operation(
        "post",
        "/v1/stock/pickups/{id}/ready",
        "pickupReady",
        "The pieces lie ready",
        (models.PickupAnswer,),
        (400, 404, 409, 413),
        models.ReadyRequest,
    ),
    Operation(
        "post",
        "/v1/stock/pickups/{id}/collect",
        "collectPickup",
        "Hand it out for its code",
        (models.PickupAnswer,),
        (400, 404, 409, 413),
        models.CollectRequest,
    ),
    Operation(
        "post",
        "/v1/stock/pickups/{id}/cancel",
        "cancelPickup",
        "Free the pieces",
        (models.PickupAnswer,),
        (400, 404, 409, 413),
        models.NothingMore,
    ),
    Operation(
        "post",
        "/v1/stock/returns",
        "takeBack",
        "Take back to a store",
        (models.ReturnAnswer,),
        (400, 409, 413),
        models.ReturnRequest,
    ),
    Operation("get", "/v1/locations", "locations", "Locations and what they allow", (models.StockLocations,)),
    Operation(
        "put",
        "/v1/locations/{location}",
        "describeLocation",
        "Describe a location",
        (models.StockLocation,),
        (400, 413),
        models.LocationRequest,
    ),
    Operation(
        "get",
        "/v1/products",
        "products",
        "Products by name",
        (product_models.CatalogueProducts,),
        (400,),
        query=_SEARCH,
    ),
    Operation(
        "post",
        "/v1/products",
        "pushProducts",
        "Take many products",
        (product_models.ProductsTaken,),
        (400, 413),
        product_models.ProductBatch,
    ),
    Operation("get", "/v1/products/{id}", "product", "A product", (product_models.CatalogueProduct,), (404,)),
    Operation(
        "put",
        "/v1/products/{id}",
        "pushProduct",
        "Take one product",
        (product_models.CatalogueProduct,),
        (400, 413),
        product_models.ProductFields,
    ),
)


def schemas() -> dict[str, Any]:
    """The models by name, as JSON Schema."""
    used: list[type[BaseModel]] = [models.StockError]
    for one in OPERATIONS:
        used += [*one.answers, *([one.takes] if one.takes else [])]
    made = models_json_schema([(model, "validation") for model in dict.fromkeys(used)], ref_template=f"{REF}{{model}}")
    found: dict[str, Any] = made[1]["$defs"]
    return found


def paths() -> dict[str, Any]:
    """Operations by path and method."""
    found: dict[str, Any] = {}
    for one in OPERATIONS:
        found.setdefault(one.path, {})[one.method] = _operation(one)
    return found


def _operation(one: Operation) -> dict[str, Any]:
    names = [part.strip("{}") for part in one.path.split("/") if part.startswith("{")]
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names
    ]
    parameters += [
        {"name": name, "in": "query", "required": False, "description": about, "schema": {"type": "string"}}
        for name, about in one.query
    ]
    refs = [{"$ref": REF + model.__name__} for model in one.answers]
    good = {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}}
    statuses = sorted({*_ALWAYS, *one.errors})
    return {
        "operationId": one.name,
        "summary": one.summary,
        "tags": [TAG],
        "security": [{BEARER: []}] if one.takes is models.LocationRequest else [{BEARER: []}, {BEARER_KEY: []}],
        **({"parameters": parameters} if parameters else {}),
        **(
            {"requestBody": {"required": True, "content": json_content(one.takes.__name__)}}
            if one.takes is not None
            else {}
        ),
        "responses": {
            "200": {"description": "the answer", "content": {"application/json": good}},
            **{
                str(status): {"description": _ERRORS[status], "content": json_content("StockError")}
                for status in statuses
            },
        },
    }
