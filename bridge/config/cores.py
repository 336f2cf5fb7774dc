"""The cores of a chip in its configuration: the block ``core``, and which chips have a form in gates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import create_model

from synaptile.rtl import NetworkParams
from synaptile.rtl.core.params import CoreParams
from synaptile.rtl.core_tile import payload_bits
from synaptile.rtl.parameter import documented

from ..errors import ConfigError, show
from .parameters import AUTO, CORE, core_values, network_values
from .schema import Validated, asks

__all__ = ["Core", "chip_on_board", "core_params", "core_problems"]


if TYPE_CHECKING:

    class Core(Validated, frozen=True):
        """The cores of a chip's tiles."""

        neuron: str
        host_tile: int
        state_bits: int | None
        weight_shift: int | None
        targets: int | None

else:
    Core = create_model(
        "Core",
        __base__=Validated,
        __module__=__name__,
        __cls_kwargs__={"frozen": True},
        **{
            name: (Annotated[item.type if item.default is not None else item.type | None, asks(item)], item.default)
            for name, item in CORE.items()
        },
    )
    Core.__doc__ = documented("The cores of a chip's tiles.\n", CORE, "Attributes")


_KEYS = {"axons": "crossbar.axons", "neurons": "crossbar.neurons", "weight_bits": "weight_bits"}


def core_problems(config: Any, neuron: str | None = None) -> Iterator[str]:
    """Yield a line, under its key, for everything that keeps a chip's tiles from having cores with a neuron model."""
    values = core_values(config)
    if neuron is not None:
        values["neuron"] = neuron
    elif values["neuron"] == AUTO:
        del values["neuron"]  # any will do here
    for problem in CoreParams.problems(values):
        key = _KEYS.get(problem.name, f"core.{problem.name}")
        yield f"{key}: {problem.rule} for cores, not {show(problem.value)}"
    if config.core is not None and config.core.host_tile >= config.tiles:
        yield f"core.host_tile: must lie in 0..{config.tiles - 1} on this mesh, not {config.core.host_tile}"


def core_params(config: Any, neuron: str, **chosen: int) -> CoreParams:
    """Return the cores of a chip, with a neuron model of `synaptile.rtl.core.params.NEURONS`.

    ``chosen`` is what the network needs, for what the chip leaves to it. Raises `ConfigError`, a line for each problem,
    if a crossbar or a weight of this chip has no form in gates.
    """
    problems = list(core_problems(config, neuron))
    if problems:
        raise ConfigError(problems)
    return CoreParams(**{**chosen, **core_values(config), "neuron": neuron})


def chip_on_board(config: Any) -> tuple[NetworkParams, CoreParams, int, int]:
    """Return network and cores of a chip, and the tile and the key of its host, as they stand in gates.

    What the chip leaves to the network that it will run is as `CoreParams` has it. Raises `ConfigError`.
    """
    neuron = AUTO if config.core is None else config.core.neuron
    core = core_params(config, CoreParams().neuron if neuron == AUTO else neuron)
    network = NetworkParams(**network_values(config))
    host_tile = 0 if config.core is None else config.core.host_tile
    host_key = host_tile if config.multicast else 0  # the key that leads to a tile is its number
    return network.replace(neurons=1 << payload_bits(core, network)), core, host_tile, host_key
