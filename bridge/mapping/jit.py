"""The decorator of mapping's loops."""

from __future__ import annotations

import numba

__all__ = ["compiled"]

# Without the GIL, so that Ctrl-C and progress reach the caller between calls; compiled once per machine.
compiled = numba.njit(cache=True, error_model="numpy", boundscheck=False, nogil=True)
