"""Made-up journeys for property tests, as a marketer writes them: every kind of start, step and condition."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_Made = st.SearchStrategy[Any]

WORDS = st.sampled_from(["preferred", "email", "sms", "push", "5", "25h", "", "x", "clock", "a-b", "10:00", "12.5"])
SCALARS: _Made = st.one_of(st.none(), st.booleans(), st.integers(-3, 500), st.floats(0, 9, width=16), WORDS)
"""Values that may stand anywhere in JSON, right or wrong."""

_DURATIONS = st.sampled_from(["30m", "25h", "1h30m", "3d", "2w"])
_CONDITIONS: _Made = st.sampled_from(
    [
        {"ordered": {"since": "clock"}},
        {"not": {"ordered": {"within": "7d"}}},
        {"any": [{"looked_again": {"within": "24h"}}, {"in_segment": "high-value"}]},
        {"all": [{"orders": {"at_least": 1, "total": {"more_than": 99.9}}}, {"cart": {"items": {"at_least": 1}}}]},
        {"event": {"name": "Product Viewed", "where": {"price": {"at_least": 10}, "brand": ["A", "5"]}, "at_least": 2}},
    ]
)


def _with(always: dict[str, Any], **sometimes: Any) -> _Made:
    """An object with the words of ``always``, and any of the others. What is no strategy is the value itself."""
    return st.fixed_dictionaries(_strategies(always), optional=_strategies(sometimes))


def _strategies(words: dict[str, Any]) -> dict[Any, _Made]:
    return {word: one if isinstance(one, st.SearchStrategy) else st.just(one) for word, one in words.items()}


STARTS = st.one_of(
    st.just({"when": "cart_changed"}),
    _with({"event": "Order Completed"}, where={"total": {"at_least": 5}, "coupon": "X"}),
    _with({"entered": "at-risk"}, existing=st.booleans()),
    _with({"left": "high-value"}).flatmap(lambda start: _CONDITIONS.map(lambda asked: {**start, "if": asked})),
    _with({"date": "birthday", "at": st.sampled_from(["10:00", 600])}, before="3d"),
)
_UNTIL: _Made = st.sampled_from(
    ["10:00", "active_hour", {"time": "9:30", "weekday": ["mon", "tue"]}, {"time": "08:05", "weekday": "sun"}]
)
SENDS = _with(
    {
        "send": "cart-reminder",
        "purpose": st.sampled_from(["marketing", "transactional"]),
        "channels": st.sampled_from([["email"], ["preferred", "sms", "email"]]),
    },
    fresh_for=_DURATIONS,
    only_now=st.booleans(),
    no_reaction={"after": "20m"},
    give={"coupon": "CART10", "percent": 10, "valid": "3d"},
    unless=_CONDITIONS,
)
_PLAIN = st.one_of(
    _with({"wait": _DURATIONS}),
    _with({"wait": _with({"until": _UNTIL})}),
    _with(
        {
            "wait_for": _with(
                {"event": "Order Shipped", "at_most": _DURATIONS},
                otherwise=st.sampled_from(["end", "continue"]),
                where={"a.b": True},
            )
        }
    ),
    _with({"set": st.dictionaries(st.sampled_from(["vip", "group"]), SCALARS, min_size=1)}),
    st.just({"note": "a line"}),
    st.just({"holdout": {"percent": 10}}),
)


def _nesting(inner: _Made) -> _Made:
    some, any_number = st.lists(inner, min_size=1, max_size=2), st.lists(inner, max_size=2)
    branch = st.builds(
        lambda asked, then, otherwise: {"branch": {"if": asked, "then": then, "else": otherwise}},
        _CONDITIONS, some, any_number,
    )  # fmt: skip
    split = any_number.map(lambda steps: {"split": {"a": {"weight": 1}, "b": {"steps": steps}}})
    return branch | split


STEPS: _Made = st.recursive(_PLAIN, _nesting, max_leaves=6)


@st.composite
def journeys(draw: st.DrawFn) -> dict[str, Any]:
    """A journey as JSON. It may be refused for what its parts say together."""
    sends = [{"id": f"send-{place}", **send} for place, send in enumerate(draw(st.lists(SENDS, max_size=2)))]
    steps = draw(st.lists(STEPS, min_size=0 if sends else 1, max_size=4))
    others = draw(
        _with(
            {},
            stop_when=_CONDITIONS,
            reenter={"after": "7d"},
            priority=st.integers(0, 100),
            goal={"ordered": {"within": "7d"}},
        )
    )
    return {"journey": "made", "start": draw(STARTS), "steps": [*steps, *sends], **others}
