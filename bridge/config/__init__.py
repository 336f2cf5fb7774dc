"""Everything about a chip, validated, from YAML; and the built-in chips."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chip_config import ARBITRATIONS, ROUTINGS, SELECTIONS, TOPOLOGIES, ChipConfig, Crossbar, parse_mesh

__all__ = ["ARBITRATIONS", "ROUTINGS", "SELECTIONS", "TOPOLOGIES", "ChipConfig", "Crossbar", "parse_mesh"]


def __getattr__(name: str) -> Any:
    # Not before it is needed: the command line asks for the declarations in `parameters` only.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import chip_config

    value = globals()[name] = getattr(chip_config, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
