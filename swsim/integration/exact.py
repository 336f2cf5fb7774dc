"""Exact integration of linear equations (Rotter and Diesmann 1999): the elements of their propagators."""

from __future__ import annotations

import math

import numpy as np

from ..base.arrays import Floats

__all__ = ["first_moment", "psc_propagator", "psc_rise_propagator", "share"]

_SERIES_BELOW = 0.5
_SERIES = [(-1.0) ** k / (math.factorial(k) * (k + 2)) for k in range(16)]


def share(x: Floats) -> Floats:
    """``(1 - exp(-x)) / x``, 1 at 0; x at least 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(x > 0, -np.expm1(-x) / x, 1.0)


def first_moment(x: Floats) -> Floats:
    """``(1 - exp(-x) (1 + x)) / x^2``, 1/2 at 0; x at least 0. Small x by the power series, which loses no digits."""
    series = np.polynomial.polynomial.polyval(np.minimum(x, _SERIES_BELOW), _SERIES)
    with np.errstate(invalid="ignore", divide="ignore"):
        direct = (-np.expm1(-x) - x * np.exp(-x)) / (x * x)
    return np.where(x < _SERIES_BELOW, series, direct)


def psc_propagator(dt: float | Floats, tau_m: Floats, tau_syn: Floats, cm: Floats) -> Floats:
    """Return the membrane potential (mV) after ``dt`` ms per nA of exponentially decaying synaptic current before it.

    This is the off-diagonal element of the matrix exponential, ``1/cm * integral(exp(-(dt-s)/tau_m) exp(-s/tau_syn))``
    (Rotter and Diesmann 1999, Biological Cybernetics 81:381, section 3), in the form
    ``dt/cm * exp(-dt/max(tau)) * (1-exp(-x))/x`` with ``x = dt*|1/tau_m - 1/tau_syn|``, which loses no digits where
    the time constants are nearly or exactly equal.
    """
    return dt / cm * np.exp(-dt / np.maximum(tau_m, tau_syn)) * share(dt * np.abs(1.0 / tau_m - 1.0 / tau_syn))


def psc_rise_propagator(dt: float, tau_m: Floats, tau_syn: Floats, cm: Floats) -> Floats:
    """Return the membrane potential (mV) after ``dt`` ms per nA/ms of slope of an alpha-shaped current before it.

    ``1/cm * integral(exp(-(dt-s)/tau_m) s exp(-s/tau_syn))`` (Rotter and Diesmann 1999, section 3). With
    ``x = dt*|1/tau_m - 1/tau_syn|`` the integral is ``dt^2 exp(-dt/tau_m) M(x)`` if the membrane is the slower one and
    ``dt^2 exp(-dt/tau_syn) ((1-exp(-x))/x - M(x))`` if not, with ``M(x) = (1 - exp(-x) (1+x)) / x^2``: no form divides
    by a difference of time constants.
    """
    x = dt * np.abs(1.0 / tau_m - 1.0 / tau_syn)
    slow_membrane = np.exp(-dt / tau_m) * first_moment(x)
    fast_membrane = np.exp(-dt / tau_syn) * (share(x) - first_moment(x))
    return dt * dt / cm * np.where(tau_m >= tau_syn, slow_membrane, fast_membrane)
