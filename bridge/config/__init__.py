"""Everything about a chip, validated, from YAML; and the built-in chips."""

from .chip_config import ARBITRATIONS, ROUTINGS, SELECTIONS, TOPOLOGIES, ChipConfig, Crossbar, parse_mesh

__all__ = ["ARBITRATIONS", "ROUTINGS", "SELECTIONS", "TOPOLOGIES", "ChipConfig", "Crossbar", "parse_mesh"]
