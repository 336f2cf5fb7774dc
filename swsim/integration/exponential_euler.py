"""The exponential Euler method: one step of a membrane towards the target of its conductances."""

from __future__ import annotations

import numpy as np

from ..base.arrays import Floats
from .pade_exponential import falling

__all__ = ["SHIFT", "STRONG", "UNIT", "correction", "relax"]

UNIT = 12.0
SHIFT = 1.0 / 4.0
STRONG = 0.5 / UNIT
_MIN_CONDUCTANCE = 1e-12  # the quotient is 0 / 0 at 0
_SHIFT = np.array(SHIFT)  # NumPy need not convert it in every call


def correction(u: Floats) -> Floats:
    """Return the summand that makes a weak step exact at that u, the smallest there is: 1/48, and less as u grows."""
    u = np.clip(u, _MIN_CONDUCTANCE, STRONG)
    return u / -np.expm1(-UNIT * u) - np.square(u + SHIFT)


def relax(
    v: Floats, u: Floats, drive: Floats, origin: Floats | None, added: Floats, spare: Floats, other: Floats
) -> None:
    """Take potentials over a step, in place: ``v = target + (v - target) exp(-12 u)``, ``target = origin + drive / u``.

    Parameters
    ----------
    v
        The potentials, shape (n,).
    u
        The total conductance times ``dt / (12 cm)``, positive, shape (n,); overwritten.
    drive
        The conductances in the same unit, each times its reversal potential, counted from the origin, and summed; shape
        (n,) or ().
    origin
        Where potentials are counted from, shape (n,) or (), or None for 0.
    added
        The `correction` for the conductance of the leak, shape (n,) or ().
    spare, other
        Arrays to work in, shape (n,).

    Up to ``x = 12 u = 0.5`` the exponential is its [2/2] Padé approximant ``(12 - 6 x + x^2) / (12 + 6 x + x^2)``
    (Baker and Graves-Morris 1996, Padé Approximants, section 1.2), with which the potential changes by
    ``(drive - u (v - origin)) / ((u + 1/4)^2 + 1/48)``: there is no target to be found. With the correction for the
    leak in the place of 1/48 it is exact without synapses. Its relative error is below 2e-8 for x up to 0.1, and 5e-5
    up to 0.5, which is less than that of holding the conductances at their means. Beyond that, where few neurons ever
    are, it is that of `falling`.
    """
    strong = None
    # `argmax` is faster than `max`; it finds NaN first.
    if len(u) and not u[u.argmax()] <= STRONG:
        strong = (u > STRONG).nonzero()[0]
        base = 0.0 if origin is None else np.broadcast_to(origin, v.shape)[strong]
        target = np.broadcast_to(drive, v.shape)[strong] / u[strong] + base
        exact = (v[strong] - target) * falling(u[strong]) + target
        u[strong] = STRONG  # its square must not overflow
    np.add(u, _SHIFT, spare)
    spare *= spare
    spare += added
    u *= v if origin is None else np.subtract(v, origin, other)
    np.subtract(drive, u, u)
    u /= spare
    v += u
    if strong is not None:
        v[strong] = exact
