"""The functions of `base.elementary` for numbers in compiled loops: the same bits as for arrays."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from ..base import elementary
from .jit import compile_part

__all__ = ["exp_of", "exprel_of", "log_of"]


def _compiled(name: str, **known: Any) -> Any:
    """Return a function of `base.elementary` that calls compiled ones in the place of those of the same names."""
    code = vars(elementary)[name].__code__
    return compile_part(FunctionType(code, {**vars(elementary), **known}, name))


exp_of = _compiled("exp_of")
log_of = _compiled("log_of")
exprel_of = _compiled("exprel_of", exp_of=exp_of)
