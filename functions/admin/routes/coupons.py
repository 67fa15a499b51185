"""``/v1/coupons``: where codes come from, codes to import, and whether a code was given."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, new_router, reply
from functions.admin.models.coupons import CodeAnswer, CodesAnswer, CodesRequest, Coupons
from functions.admin.operation import operation
from functions.admin.parameters import CouponCode, CouponName

router = new_router()
TAG = "coupons"


@router.get("/v1/coupons", **operation("coupons", "What steps give, and how many are free", TAG, {200: Coupons}))
def list_coupons() -> Reply:
    from functions.admin import coupons

    return reply(coupons.coupons(call_of(router).environment))


@router.get(
    "/v1/coupons/<name>/codes/<code>",
    **operation("couponCode", "For the checkout: whether a code was given", TAG, {200: CodeAnswer}, 404),
)
def show_code(name: CouponName, code: CouponCode) -> Reply:
    from functions.admin import coupons

    return reply(coupons.code(call_of(router).environment, name, code))


@router.post(
    "/v1/coupons/<name>/codes",
    **operation("addCodes", "Import codes; repeating it is safe", TAG, {200: CodesAnswer}, 400, 413),
)
def add_codes(name: CouponName, wanted: CodesRequest) -> Reply:
    from functions.admin import coupons

    return reply(coupons.add_codes(call_of(router).environment, name, wanted.codes))
