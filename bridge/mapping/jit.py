"""The decorator of mapping's loops."""

from __future__ import annotations

from typing import Any

import numba

__all__ = ["compiled", "compiled_part"]

# Without the GIL, so that Ctrl-C and progress reach the caller between calls; compiled once per machine.
compiled = numba.njit(cache=True, error_model="numpy", boundscheck=False, nogil=True)
# For what is only called by compiled code, and kept in the cache with that: without a form to be called by Python.
_BARE: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
compiled_part = numba.njit(error_model="numpy", boundscheck=False, nogil=True, **_BARE)
