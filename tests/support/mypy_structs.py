"""A plugin of mypy: structs of msgspec look like dataclasses to it, but functions of ``dataclasses`` refuse them."""

from __future__ import annotations

from collections.abc import Callable

from mypy.plugin import FunctionContext, Plugin
from mypy.types import CallableType, Instance, Type, TypeVarType, UnionType, get_proper_type

OF_DATACLASSES = {
    f"dataclasses.{name}": advice
    for name, advice in {
        "replace": "use msgspec.structs.replace",
        "asdict": "use msgspec.structs.asdict, which leaves what is inside as it is",
        "astuple": "use msgspec.structs.astuple",
        "fields": "use __struct_fields__",
    }.items()
}


class StructPlugin(Plugin):
    """Reports them as errors."""

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        advice = OF_DATACLASSES.get(fullname)
        if advice is None:
            return None

        def check(context: FunctionContext) -> Type:
            if context.arg_types and context.arg_types[0] and _is_struct(context.arg_types[0][0]):
                context.api.fail(f"{fullname} takes no struct; {advice}", context.context)
            return context.default_return_type

        return check


def _is_struct(of: Type) -> bool:
    kind = get_proper_type(of)
    match kind:
        case UnionType():
            return any(map(_is_struct, kind.items))
        case TypeVarType():
            return _is_struct(kind.upper_bound)
        case CallableType():
            return _is_struct(kind.ret_type)
        case Instance():
            return kind.type.has_base("msgspec.Struct")
        case _:
            return False


def plugin(version: str) -> type[Plugin]:
    return StructPlugin
