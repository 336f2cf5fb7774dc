"""Everything about a chip, validated, from YAML; and the built-in chips."""

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .chip_config import ARBITRATIONS, ROUTINGS, SELECTIONS, TOPOLOGIES, ChipConfig, Crossbar, parse_mesh

__all__ = ["ARBITRATIONS", "ROUTINGS", "SELECTIONS", "TOPOLOGIES", "ChipConfig", "Crossbar", "parse_mesh"]


# Not before they are needed: the command line asks for the declarations in `parameters` only.
__getattr__ = lazy_names(__name__, dict.fromkeys(__all__, ".chip_config"))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
