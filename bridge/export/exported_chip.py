"""What is exported of a chip: its network alone, or with a core at every tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.params import NEURONS
from synaptile.rtl.core_tile import payload_bits
from synaptile.swsim.cosim import ON_CHIP

from ..config import ChipConfig
from ..config.cores import core_params
from ..config.parameters import AUTO, core_values, network_values
from ..errors import ConfigError

if TYPE_CHECKING:
    from ..onchip import OnChipProgram

__all__ = ["ExportedChip"]


@dataclass(frozen=True)
class ExportedChip:
    """The circuit of a chip.

    Attributes
    ----------
    network
        Its network.
    core
        The core of every tile; None for a network alone.
    host_tile, host_key
        Where the host of a chip of cores is, and the key that leads to it, as for `CoreMesh`.
    """

    network: NetworkParams
    core: CoreParams | None = None
    host_tile: int = 0
    host_key: int = 0

    @classmethod
    def of(cls, config: ChipConfig, mode: str) -> Self:
        """Return what a chip is in a mode: with ``"on-chip"`` one of cores.

        What the chip leaves to the network that it is to run has its default, but for the neuron model, which it must
        name. Raises `ConfigError` if it does not, or its tiles have no form in gates.
        """
        network = NetworkParams(**network_values(config))
        if mode != ON_CHIP:
            return cls(network)
        neuron = core_values(config)["neuron"]
        if neuron == AUTO:
            raise ConfigError(
                f"core.neuron: must be one of {', '.join(NEURONS)} in an exported chip of cores, not {neuron!r}, for "
                f"there is no network to choose it"
            )
        core = core_params(config, neuron)
        host_tile = 0 if config.core is None else config.core.host_tile
        if network.table_entries and network.table_entries < network.tiles:
            raise ConfigError(
                f"table_entries: must be at least {network.tiles} in a chip of cores, a key for each tile, not "
                f"{network.table_entries}"
            )
        network = network.replace(neurons=1 << payload_bits(core, network))
        return cls(network, core, host_tile, host_tile if network.table_entries else 0)

    @classmethod
    def of_program(cls, program: OnChipProgram) -> Self:
        """Return the chip of cores that a program is for."""
        return cls(program.network, program.core, program.host_tile, program.host_key)

    def verilog(self, name: str) -> str:
        """Return its synthesizable Verilog, with ``name`` as the top module; ``ValueError`` if that is impossible."""
        from synaptile.rtl.export import export_core_chip, export_verilog

        if self.core is None:
            return export_verilog(self.network, name=name)
        return export_core_chip(self.network, self.core, host_tile=self.host_tile, host_key=self.host_key, name=name)

    @property
    def description(self) -> str:
        """A line about it."""
        grid = f"A {self.network.topology} of {self.network.rows} x {self.network.cols} tiles"
        if self.core is None:
            return grid
        return f"{grid}, each with a core of {self.core.axons} axons and {self.core.neurons} {self.core.neuron} neurons"
