"""Numeric functions (DMN 1.5 §10.3.4.5), on decimals of 34 digits."""

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Any

from caseloom.engine.feel.arithmetic import negate
from caseloom.engine.feel.builtins.signature import builtin
from caseloom.engine.feel.comparison import less
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.kinds import Value
from caseloom.engine.spec.values import DECIMAL128, YearsMonths

_MIN_SCALE, _MAX_SCALE = -6111, 6176
_WIDE = Context(prec=80, Emin=-6300, Emax=6300)


def _rounding(mode: str) -> Callable[..., Value]:
    def rounded(number: Decimal, scale: Decimal | None = None) -> Value:
        places = int(scale or 0)
        if not _MIN_SCALE <= places <= _MAX_SCALE:
            raise NoValue(f"The scale {places} is not between {_MIN_SCALE} and {_MAX_SCALE}.")
        if -places <= number.as_tuple().exponent:  # type: ignore[operator]
            return number
        if -places > number.adjusted() + 1:
            # Coarser than the number itself: one unit or nothing.
            places_context = Context(prec=34, rounding=mode, Emin=-6143, Emax=6144)
            return number.quantize(Decimal((0, (1,), -places)), context=places_context)
        unit = Decimal((0, (1,), -places))
        return DECIMAL128.plus(number.quantize(unit, rounding=mode, context=_WIDE))

    return rounded


def _absolute(value: Any) -> Value:
    if isinstance(value, YearsMonths):
        return YearsMonths(abs(value.months))
    zero = value - value
    return negate(value) if less(value, zero) else value


def _modulo(dividend: Decimal, divisor: Decimal) -> Value:
    """`dividend - divisor * floor(dividend / divisor)`: the sign is the divisor's."""
    if not divisor:
        raise NoValue("There is no rest of a division by zero.")
    rest = DECIMAL128.remainder(dividend, divisor)
    return DECIMAL128.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


def _square_root(number: Decimal) -> Value:
    if number < 0:
        raise NoValue("There is no square root of a negative number.")
    return DECIMAL128.sqrt(number)


def _logarithm(number: Decimal) -> Value:
    if number <= 0:
        raise NoValue("There is a logarithm of numbers above 0 only.")
    return DECIMAL128.ln(number)


def _odd(number: Decimal) -> Value:
    return abs(_whole(number)) % 2 == 1


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value() or number.adjusted() > 34:
        raise NoValue(f"{number} is neither odd nor even.")
    return int(number)


_SCALE = "n: number, scale: number"
_MAYBE_SCALE = "n: number, scale?: number"

FUNCTIONS = (
    builtin("decimal", (_SCALE, _rounding(ROUND_HALF_EVEN))),
    builtin("floor", (_MAYBE_SCALE, _rounding(ROUND_FLOOR))),
    builtin("ceiling", (_MAYBE_SCALE, _rounding(ROUND_CEILING))),
    builtin("round up", (_SCALE, _rounding(ROUND_UP))),
    builtin("round down", (_SCALE, _rounding(ROUND_DOWN))),
    builtin("round half up", (_SCALE, _rounding(ROUND_HALF_UP))),
    builtin("round half down", (_SCALE, _rounding(ROUND_HALF_DOWN))),
    builtin(
        "abs",
        ("n: number", lambda number: DECIMAL128.abs(number)),
        ("n: days and time duration|years and months duration", _absolute),
    ),
    builtin("modulo", ("dividend: number, divisor: number", _modulo)),
    builtin("sqrt", ("number: number", _square_root)),
    builtin("log", ("number: number", _logarithm)),
    builtin("exp", ("number: number", DECIMAL128.exp)),
    builtin("odd", ("number: number", _odd)),
    builtin("even", ("number: number", lambda number: not _odd(number))),
)
