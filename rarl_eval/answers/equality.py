r"""Whether two parsed expressions, equations or inequalities are the same, by their values at high precision.

Used by the algebra worker, before Math-Verify is asked, which rounds to six decimals (two tiny numbers are alike to
it) and simplifies (slowly). Values are compared as numbers of any size: nothing underflows, nothing overflows, and
nothing is rounded. Names are compared at positive and negative points, where both sides are real: ``\sqrt{1/n}`` is
``1/\sqrt{n}``, and ``|x|`` is not ``x``.
"""

from collections.abc import Iterator
from typing import Any

DIGITS = 60
"""Digits of an evaluation; two numbers that agree in 45 are the same."""
SAME = 45
ROUNDED = 5
"""Numbers that differ in the first five digits are apart whatever was rounded."""
LONG = 10_000
"""Larger exponents, factorials and sums are not worked out."""
_POINTS = (0.7310585786, 1.6180339887, 2.2360679775, 0.5772156649, 1.3247179572, 3.3598856662)
_WHOLE = (2, 3, 5, 7, 4, 6)


def same(one: Any, other: Any) -> bool | None:
    """Return True or False where the values decide, None where only algebra can tell."""
    from sympy import Expr
    from sympy.core.relational import Equality, Relational

    if isinstance(one, Expr) and isinstance(other, Expr):
        return _same_values(one, other)
    if isinstance(one, Equality) and isinstance(other, Equality):
        return _same_equation(one, other)
    if isinstance(one, Relational) and isinstance(other, Relational):
        return _same_inequality(one, other)
    return None


def _same_values(one: Any, other: Any) -> bool | None:
    one, other = _worked(one), _worked(other)
    exact = [_exact(e) for e in (one, other)]
    if exact[0] is not None and exact[1] is not None:
        return bool(exact[0] == exact[1])
    names = sorted(one.free_symbols | other.free_symbols, key=str)
    if len(names) > len(_POINTS):
        return None
    found = [_verdict(one, other, at) for at in _turns(names, whole=_of_whole(one) or _of_whole(other))]
    real = [verdict for verdict, is_real in found if is_real and verdict != "unknown"]
    if "apart" in real or (not real and found[0][0] == "apart"):
        return False
    agreed = real or [verdict for verdict, _ in found if verdict != "unknown"]
    if _steps(one) or _steps(other) or len(agreed) < (3 if names else 1) or set(agreed) != {"same"}:
        return None
    return True


def _worked(e: Any) -> Any:
    """Work out integrals, sums and the like; leave the rest, above all factorials, as it is written."""
    from sympy import Derivative, Integral, Limit, Product, Sum

    return e.doit() if e.has(Integral, Sum, Product, Limit, Derivative) else e


def _exact(e: Any) -> Any:
    """Return the rational that a constant is, where it is of a size to be worked out; None for any other."""
    from sympy import Float, Pow, Rational
    from sympy.functions.combinatorial.factorials import CombinatorialFunction

    if e.free_symbols or e.has(Float) or not e.is_rational or len(e.args) > LONG:
        return None
    if any(abs(argument.evalf(15)) > LONG for part in e.atoms(CombinatorialFunction) for argument in part.args):
        return None
    if any(not power.exp.is_Integer or abs(power.exp) > LONG for power in e.atoms(Pow)):
        return None
    found = e.doit()
    return found if isinstance(found, Rational) else None


def _steps(e: Any) -> bool:
    """Whether an expression is made of steps or pieces, of which a few points do not tell enough."""
    from sympy import Piecewise, ceiling, floor, sign

    return bool(e.free_symbols) and e.has(floor, ceiling, sign, Piecewise)


def _of_whole(e: Any) -> bool:
    """Whether names stand for whole numbers, as in powers of -1."""
    from sympy import Pow

    return any(p.base.is_number and p.base.is_negative and p.exp.free_symbols for p in e.atoms(Pow))


def _turns(names: list[Any], *, whole: bool) -> Iterator[dict[Any, Any]]:
    """Points for the names: three of positive values, three with negative ones; one empty point for a constant."""
    if not names:
        yield {}
        return
    for turn in range(6):
        points = _WHOLE if whole else _POINTS
        row = points[turn % len(points) :] + points[: turn % len(points)]
        signs = [1 if turn < 3 or whole else -1 if turn == 3 else (-1) ** (turn + place) for place in range(len(names))]
        yield {name: sign * value for name, sign, value in zip(names, signs, row, strict=False)}


def _verdict(one: Any, other: Any, at: dict[Any, Any]) -> tuple[str, bool]:
    """Say ``same``, ``apart`` or ``unknown`` at a point, and whether both values are real there."""
    first, second = _value(one, at), _value(other, at)
    if first is None or second is None:
        return "unknown", False
    return _compared(first, second, exact=not at), all(_zero(value[1], value[0]) for value in (first, second))


def _value(e: Any, at: dict[Any, Any]) -> tuple[Any, Any] | None:
    """Evaluate to real and imaginary part; None where that does not come out as a number."""
    from sympy import Float, Rational

    try:
        found = e.evalf(DIGITS, subs={name: Rational(str(value)) for name, value in at.items()} or None)
        parts = tuple(part.evalf(DIGITS) for part in found.as_real_imag())
    except (TypeError, ValueError, AttributeError, ArithmeticError, NotImplementedError, RecursionError):
        return None
    if not all(isinstance(part, Float) or part.is_Rational for part in parts):
        return None
    return parts[0], parts[1]


def _insignificant(value: Any) -> bool:
    """Whether an evaluated part is zero as far as its digits say."""
    return bool(value == 0) or getattr(value, "_prec", 2) == 1


def _zero(part: Any, beside: Any) -> bool:
    return _insignificant(part) or abs(part) < abs(beside) * 10**-25


def _compared(one: tuple[Any, Any], other: tuple[Any, Any], *, exact: bool) -> str:
    """Compare two complex numbers by the size of their difference beside their own."""
    nothing = [all(map(_insignificant, value)) for value in (one, other)]
    if all(nothing):
        return "same"
    if any(nothing):
        return "apart" if exact or _size(one) + _size(other) > 10**-20 else "unknown"
    difference = _size((one[0] - other[0], one[1] - other[1]))
    size = max(_size(one), _size(other))
    if difference <= size / 10**SAME:
        return "same"
    return "apart" if difference > size / 10**ROUNDED else "unknown"


def _size(value: tuple[Any, Any]) -> Any:
    return max(abs(value[0]), abs(value[1]))


def _same_equation(one: Any, other: Any) -> bool | None:
    """Compare equations by what they set to zero: one side is a multiple of the other, or their numerators are."""
    from sympy import fraction, together

    first, second = one.lhs - one.rhs, other.lhs - other.rhs
    if not first.free_symbols or first.free_symbols != second.free_symbols:
        return None
    if _multiple(first, second) is not None:
        return True
    first, second = (fraction(together(side))[0] for side in (first, second))
    return True if _multiple(first, second) is not None else None


def _same_inequality(one: Any, other: Any) -> bool | None:
    """Compare inequalities: the same relation, and one side a positive multiple of the other."""
    from sympy.core.relational import Ge, Gt, Le, Lt

    if not isinstance(one, Gt | Ge | Lt | Le) or not isinstance(other, Gt | Ge | Lt | Le):
        return None
    if isinstance(one, Gt | Lt) != isinstance(other, Gt | Lt):
        return False
    factor = _multiple(one.gts - one.lts, other.gts - other.lts)
    return None if factor is None else bool(factor > 0)


def _multiple(one: Any, other: Any) -> Any:
    """Return by what the second expression is multiplied to give the first at all points; None where there is none."""
    names = sorted(one.free_symbols | other.free_symbols, key=str)
    if not 0 < len(names) <= len(_POINTS):
        return None
    factors = []
    for at in _turns(names, whole=False):
        first, second = _value(one, at), _value(other, at)
        if first is None or second is None or not all(_zero(value[1], value[0]) for value in (first, second)):
            return None
        if _insignificant(first[0]) or _insignificant(second[0]):
            return None
        factors.append(first[0] / second[0])
    return factors[0] if all(abs(f - factors[0]) <= abs(factors[0]) / 10**20 for f in factors) else None
