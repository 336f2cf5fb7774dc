"""The names that a study may vary or fix: parameters of the chip, the mapping, the engine, arguments of the script."""

from __future__ import annotations

import difflib
from typing import Any

from synaptile.rtl.parameter import Parameter

from ..config.blocks import COMPUTE, LIMITS
from ..config.chip_config import Crossbar, parse_mesh
from ..config.parameters import CORE, CROSSBAR, PARAMETERS
from ..engines import ENGINES
from ..errors import show

__all__ = ["BLOCKS", "RUN", "SCRIPT", "check_name", "check_value", "is_real", "overrides_of"]

SCRIPT = "script."
"""What begins the name of a script's argument."""

BLOCKS = {"crossbar": CROSSBAR, "core": CORE, "limits": LIMITS, "compute": COMPUTE}
"""The blocks of a chip whose keys are named with a dot, such as ``crossbar.neurons``."""

_NOT_VARIED = ("name", "description", "not_modelled", "limits", "core", "compute")

RUN = ("partition", "placement", "seed", "engine", "threads")
"""Names that are no parameters of the chip: how it is mapped and run."""

_CHIP: dict[str, Parameter] = {name: item for name, item in PARAMETERS.items() if name not in _NOT_VARIED} | {
    f"{block}.{name}": item for block, items in BLOCKS.items() for name, item in items.items()
}


def check_name(name: str) -> None:
    """Raise ``ValueError`` unless a study may vary something of that name."""
    if name.startswith(SCRIPT):
        if not name.removeprefix(SCRIPT).replace("-", "_").isidentifier():
            raise ValueError(f"must be a name such as script.rate, not {show(name)}")
        return
    if name in _CHIP or name in RUN:
        return
    known = [*_CHIP, *RUN]
    near = difflib.get_close_matches(name[:100], known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}, and script.NAME"
    raise ValueError(f"unknown parameter; {hint}")


def is_real(name: str) -> bool:
    """Whether a name's numbers need not be whole."""
    return name in _CHIP and _CHIP[name].type is float


def check_value(name: str, value: Any) -> None:
    """Raise ``ValueError`` with the rule and the value if a value is wrong by itself."""
    if name.startswith(SCRIPT):
        return
    if name in RUN:
        _check_run(name, value)
    elif name == "mesh":
        parse_mesh(value)
    elif name == "crossbar":
        _check_crossbar(value)
    else:
        problem = _CHIP[name].problem(value)
        if problem is not None:
            raise ValueError(f"{problem.rule}, not {show(problem.value)}")


def _check_run(name: str, value: Any) -> None:
    if name in ("seed", "threads"):
        low, high = (0, 2**63 - 1) if name == "seed" else (1, 1024)
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"must be a whole number in {low}..{high}, not {show(value)}")
        return
    methods = _methods(name)
    if value not in methods:
        raise ValueError(f"must be one of {', '.join(methods)}, not {show(value)}")


def _methods(name: str) -> tuple[str, ...]:
    from ..mapping import partition, placement

    return {"partition": tuple(partition.METHODS), "placement": tuple(placement.METHODS), "engine": ENGINES}[name]


def _check_crossbar(value: Any) -> None:
    try:
        rows, cols = (int(side) for side in str(value).lower().replace("×", "x").split("x"))
    except ValueError:
        raise ValueError(f"must be axons and neurons such as 128x64, not {show(value)}") from None
    Crossbar(axons=rows, neurons=cols)


def overrides_of(point: Any) -> dict[str, Any]:
    """Return the keys of a chip among a point's, those of a block together, as `ChipConfig.replace` takes them."""
    out: dict[str, Any] = {}
    for name, value in point.items():
        if name.startswith(SCRIPT) or name in RUN:
            continue
        block, dot, key = name.partition(".")
        if dot:
            out.setdefault(block, {})[key] = value
        else:
            out[name] = value
    return out
