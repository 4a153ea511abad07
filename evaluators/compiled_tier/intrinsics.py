"""What compiled code does below the level of numba's own language. Loads numba.

Ints that leave when they leave 64 bits, calls of the C library that no optimiser knows, and calls
of numpy's inner loops.
"""

# ruff: noqa: ARG001 - what numba hands over is not always needed

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import extending
from numba.core import cgutils, types
from numba.np import arrayobj


class Departed(ArithmeticError):
    """Compiled code met what it has no code for; the interpreter must run the candidate."""


# Typed, the decorator would seem to leave the first parameter in place.
intrinsic = cast("Callable[[Any], Any]", extending.intrinsic)

_INT = ir.IntType(64)
_POINTER = ir.IntType(8).as_pointer()


def _leave_if(context: Any, builder: Any, condition: Any, why: str) -> None:
    with builder.if_then(condition, likely=False):
        context.call_conv.return_user_exc(builder, Departed, (why,))


def _checked(operation: str) -> Any:
    @intrinsic
    def checked(typing: Any, one: Any, other: Any) -> Any:
        if not (isinstance(one, types.Integer) and isinstance(other, types.Integer)):
            return None

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pair = getattr(builder, operation)(*arguments)
            _leave_if(context, builder, builder.extract_value(pair, 1), "an int beyond 64 bits")
            return builder.extract_value(pair, 0)

        return types.int64(types.int64, types.int64), generate

    return checked


add_int: Any = _checked("sadd_with_overflow")
subtract_int: Any = _checked("ssub_with_overflow")
multiply_int: Any = _checked("smul_with_overflow")


@intrinsic
def call_c(typing: Any, address: Any, arguments: Any) -> Any:
    """Call a C function of floats at an address, which hides what it is from the optimiser."""
    count = len(arguments)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.DoubleType(), [ir.DoubleType()] * count)
        function = builder.inttoptr(values[0], kind.as_pointer())
        return builder.call(function, cgutils.unpack_tuple(builder, values[1], count))

    return types.float64(types.uint64, types.UniTuple(types.float64, count)), generate


def _operands(context: Any, builder: Any, kinds: Any, values: Any) -> tuple[Any, list[Any]]:
    """Return the common length, None without arrays, and address and stride of each operand."""
    length = None
    operands: list[Any] = []
    for kind, value in zip(kinds, values, strict=True):
        if isinstance(kind, types.Array):
            array = arrayobj.make_array(kind)(context, builder, value)
            own = builder.extract_value(array.shape, 0)
            if length is None:
                length = own
            else:
                # numpy would stretch one entry, or raise.
                unequal = builder.icmp_signed("!=", own, length)
                _leave_if(context, builder, unequal, "arrays of different lengths")
            stride = builder.extract_value(array.strides, 0)
            operands.append((builder.bitcast(array.data, _POINTER), stride))
        else:
            data = context.data_model_manager[kind].as_data(builder, value)
            place = cgutils.alloca_once_value(builder, data)
            operands.append((builder.bitcast(place, _POINTER), ir.Constant(_INT, 0)))
    return length, operands


def _call(builder: Any, loop: Any, length: Any, operands: list[Any]) -> None:
    call, context, auxiliary = cgutils.unpack_tuple(builder, loop, 3)
    addresses = cgutils.alloca_once(builder, ir.ArrayType(_POINTER, len(operands)))
    strides = cgutils.alloca_once(builder, ir.ArrayType(_INT, len(operands)))
    dimensions = cgutils.alloca_once(builder, _INT)
    builder.store(length, dimensions)
    for place, (address, stride) in enumerate(operands):
        builder.store(address, cgutils.gep_inbounds(builder, addresses, 0, place))
        builder.store(stride, cgutils.gep_inbounds(builder, strides, 0, place))
    kind = ir.FunctionType(ir.IntType(32), [_POINTER] * 5)
    builder.call(
        builder.inttoptr(call, kind.as_pointer()),
        [
            builder.inttoptr(context, _POINTER),
            builder.bitcast(addresses, _POINTER),
            builder.bitcast(dimensions, _POINTER),
            builder.bitcast(strides, _POINTER),
            builder.inttoptr(auxiliary, _POINTER),
        ],
    )


def _applied(result: Any, *, once: bool) -> Any:
    @intrinsic
    def apply(typing: Any, loop: Any, arguments: Any) -> Any:
        array = types.Array(result, 1, "C")

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            parts = cgutils.unpack_tuple(builder, values[1], len(arguments))
            length, operands = _operands(context, builder, arguments, parts)
            if once:
                data = context.get_data_type(result)
                place = cgutils.alloca_once(builder, data)
                address = builder.bitcast(place, _POINTER)
                _call(
                    builder,
                    values[0],
                    ir.Constant(_INT, 1),
                    [*operands, (address, ir.Constant(_INT, 0))],
                )
                return context.data_model_manager[result].from_data(builder, builder.load(place))
            made: Any = arrayobj._empty_nd_impl(  # pyright: ignore[reportPrivateUsage]
                context, builder, array, (length,)
            )
            address = builder.bitcast(made.data, _POINTER)
            stride = builder.extract_value(made.strides, 0)
            _call(builder, values[0], length, [*operands, (address, stride)])
            return made._getvalue()

        return (result if once else array)(loop, arguments), generate

    return apply


apply_float: Any = _applied(types.float64, once=False)
apply_int: Any = _applied(types.int64, once=False)
apply_bool: Any = _applied(types.boolean, once=False)
apply_float_once: Any = _applied(types.float64, once=True)
apply_int_once: Any = _applied(types.int64, once=True)
apply_bool_once: Any = _applied(types.boolean, once=True)


@intrinsic
def fold(typing: Any, loop: Any, start: Any, array: Any) -> Any:
    """Return what numpy's loop of two operands makes of a whole array, as its reductions do."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        length, operands = _operands(context, builder, [array], [values[2]])
        place = cgutils.alloca_once_value(builder, values[1])
        state = (builder.bitcast(place, _POINTER), ir.Constant(_INT, 0))
        _call(builder, values[0], length, [state, operands[0], state])
        return builder.load(place)

    return types.float64(loop, types.float64, array), generate
