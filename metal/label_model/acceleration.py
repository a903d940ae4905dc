"""Accelerated fixed-point iteration for EM: squared extrapolation that never lowers the objective.

With F the EM map, r = F(x) - x and v = F(F(x)) - F(x) - r, the point

    x' = x - 2 a r + a^2 v,   a = -max(1, |r| / |v|),

extrapolates two EM steps along the slow direction (a = -1 is F(F(x)) itself). It is taken if it stays
inside the parameters' domain and its objective is not below that of F(x); otherwise EM goes on
from F(F(x)). The longest |a| allowed starts at 16, grows fourfold when it was used with success, and shrinks
after a failure. Tables and balances are linear in their parameters, so that sums to one and tied entries
survive the extrapolation.

Source: Varadhan and Roland, "Simple and globally convergent methods for accelerating the convergence of any
EM algorithm", Scandinavian Journal of Statistics 35, 2008, scheme S3.

Example: for F(x) = .99 x + .01, which EM-like iteration brings to its fixed point 1 within 1e-6 after 1,400
steps, r / v is exactly the geometric rate: the first extrapolation long enough (|a| = 100) lands on 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Point = tuple[Floats, ...]
FIRST_LONGEST = 16.0
"""The longest extrapolation before any has been tried: the rise of the objective may bend away further out."""
LONGEST = 256.0
"""The longest of all. Rounding is stretched by its square: beyond, sums to one and the objective are off by 1e-10."""
ROUNDING = 1e-12
"""How far outside [0, 1] a probability may be extrapolated: one that stays at 0 or 1 does so up to rounding."""


@dataclass(frozen=True)
class FixedPoint:
    """Where the iteration ended.

    iterations : evaluations of the map
    trace : the objective at the points that were kept, in order; it never falls
    """

    point: Point
    converged: bool
    iterations: int
    trace: tuple[float, ...]


def accelerated(
    step: Callable[[Point], tuple[Point, float]],
    start: Point,
    *,
    max_iterations: int,
    tolerance: float,
) -> FixedPoint:
    """Iterate `step` from `start` to its fixed point, extrapolating after every second step.

    Parameters
    ----------
    step : returns F(x) and the objective at x; F must not lower the objective
    start : arrays of probabilities; no extrapolation leaves [0, 1]
    tolerance : converged when no entry moves by more in one step of F
    """
    point, trace, iterations, longest = start, list[float](), 0, FIRST_LONGEST
    while iterations < max_iterations:
        first, objective = step(point)
        iterations += 1
        trace.append(objective)
        if _distance(first, point) < tolerance or iterations == max_iterations:
            return FixedPoint(first, _distance(first, point) < tolerance, iterations, tuple(trace))
        second, objective = step(first)
        iterations += 1
        trace.append(objective)
        if _distance(second, first) < tolerance or iterations == max_iterations:
            return FixedPoint(second, _distance(second, first) < tolerance, iterations, tuple(trace))
        candidate, length = _extrapolated(point, first, second, longest)
        point = second
        if candidate is not None:
            onward, objective = step(candidate)
            iterations += 1
            if objective >= trace[-1]:
                trace.append(objective)
                point = onward
                longest = min(4 * longest, LONGEST) if length == longest else longest
                if _distance(onward, candidate) < tolerance:
                    return FixedPoint(onward, True, iterations, tuple(trace))
            else:
                longest = max(4.0, length / 4)
    return FixedPoint(point, False, iterations, tuple(trace))


def _extrapolated(point: Point, first: Point, second: Point, longest: float) -> tuple[Point | None, float]:
    """Return x' and -a, shortened until x' is inside [0, 1]; None where that leaves nothing beyond F(F(x))."""
    forward = [b - a for a, b in zip(point, first, strict=True)]
    bend = [(c - b) - r for b, c, r in zip(first, second, forward, strict=True)]
    length = float(np.sqrt(sum(float((v**2).sum()) for v in bend)))
    if length <= 0:
        return None, 1.0
    a = min(float(np.sqrt(sum(float((r**2).sum()) for r in forward))) / length, longest)
    while a > 1.01:
        candidate = tuple(x + 2 * a * r + a * a * v for x, r, v in zip(point, forward, bend, strict=True))
        if all(float(part.min()) >= -ROUNDING and float(part.max()) <= 1 + ROUNDING for part in candidate):
            return tuple(np.clip(part, 0.0, 1.0) for part in candidate), a
        a = (a + 1) / 2
    return None, 1.0


def _distance(one: Point, other: Point) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))
