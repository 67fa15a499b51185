"""Paths of ``functions/stock`` in the OpenAPI document."""

from __future__ import annotations

from functions.admin.document import product_models
from functions.admin.document import stock_models as models
from functions.admin.document.described_operations import Operation, Section

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
        sources=False,
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


SECTION = Section(TAG, OPERATIONS, _ERRORS, models.StockError)
