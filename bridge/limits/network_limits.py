"""Which of a chip's limits a network breaks, and what would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from synaptile.swsim.trace import PopulationSlice

from ..config import ChipConfig
from ..config.limits import Limits
from ..errors import MappingError
from ..mapping import MappedNetwork

__all__ = ["Limited", "broken_by_mapping", "broken_by_network", "enforce"]

Ids = npt.NDArray[np.int32]


class Limited(Protocol):
    """What limits concern of a network: a `Wiring`, a `Trace` and an `OnChipNetwork` have it."""

    @property
    def dt(self) -> float:
        """Length of a step in ms."""
        ...

    @property
    def neurons(self) -> int:
        """Number of neurons, spike sources included."""
        ...

    @property
    def pre(self) -> Ids:
        """Shape (synapses,): presynaptic neurons."""
        ...

    @property
    def post(self) -> Ids:
        """Shape (synapses,): postsynaptic neurons."""
        ...

    @property
    def delay(self) -> Ids:
        """Shape (synapses,): delays in steps."""
        ...


def enforce(config: ChipConfig, broken: Iterator[tuple[str, str]]) -> tuple[str, ...]:
    """Return lines about those limits that are broken and relaxed.

    ``broken`` gives limits by name, and what breaks them. Raises `MappingError`, a line for each, for those that are
    not relaxed.
    """
    found = list(broken)
    refused = [(name, text) for name, text in found if name not in config.relax]
    if refused:
        names = ",".join(name for name, _ in refused)
        lines = [f"{config.name}: {text}" for _, text in refused]
        raise MappingError("\n".join([*lines, f"to run it all the same, relax what this chip cannot do: {names}"]))
    return tuple(text for _, text in found)


def broken_by_network(
    limits: Limits | None, network: Limited, populations: Sequence[PopulationSlice]
) -> Iterator[tuple[str, str]]:
    """Yield the limits that a network breaks wherever its neurons sit: (name, what breaks it and what would do)."""
    if limits is None:
        return
    if limits.cells is not None:
        yield from _cells(limits.cells, populations)
    if limits.delays is not None and len(network.delay):
        yield from _delays(*limits.delays, network, populations)
    if limits.fan_in is not None:
        count = np.bincount(network.post, minlength=network.neurons)
        yield from _neurons("fan_in", count, limits.fan_in, "synapses", populations)


def broken_by_mapping(limits: Limits | None, mapped: MappedNetwork, post: Ids) -> Iterator[tuple[str, str]]:
    """Yield the limits that a network breaks with its neurons where they are.

    ``post``, shape (synapses,), are the postsynaptic neurons of its synapses. Spike sources are outside the chip, so
    that they may send to any number of tiles.
    """
    if limits is None:
        return
    to, mapping, populations = mapped.destinations, mapped.mapping, mapped.network.populations
    inside = np.ones(mapping.neurons, bool)
    for population in populations:
        inside[population.start : population.stop] = not population.is_source
    if limits.fan_out is not None:
        count = np.where(inside, to.fan_out + to.local, 0)
        yield from _neurons("fan_out", count, limits.fan_out, "tiles to send to", populations)
    if limits.axons_out is not None:
        entries = np.bincount(mapping.tile, np.where(inside, to.fan_out, 0), mapping.tiles).astype(np.int64)
        yield from _tiles("axons_out", entries, limits.axons_out, "entries for axons elsewhere")
    if limits.synapses is not None:
        synapses = np.bincount(mapping.tile[post], minlength=mapping.tiles)
        yield from _tiles("synapses", synapses, limits.synapses, "synapses")


def _cells(cells: Sequence[str], populations: Sequence[PopulationSlice]) -> Iterator[tuple[str, str]]:
    others = [p for p in populations if not p.is_source and p.size and p.celltype not in cells]
    if others:
        first, more = others[0], len(others) - 1
        rest = f", and {more} more population{'' if more == 1 else 's'}" if more else ""
        yield "cells", f"its neurons can be {', '.join(cells)}, not {first.celltype} (population {first.label!r}{rest})"


def _delays(low: int, high: int, network: Limited, populations: Sequence[PopulationSlice]) -> Iterator[tuple[str, str]]:
    delay = network.delay
    outside = np.flatnonzero((delay < low) | (delay > high))
    if not len(outside):
        return
    worst = int(outside[np.argmax(np.abs(delay[outside].astype(np.int64) - low))])
    steps, dt = int(delay[worst]), network.dt
    text = (
        f"delays must lie in {low}..{high} steps of {dt:g} ms, not {steps} ({steps * dt:g} ms, of a synapse onto "
        f"{_neuron(int(network.post[worst]), populations)}; of {len(outside):,} of {len(delay):,} synapses)"
    )
    longest, shortest = int(delay.max()), int(delay.min())
    needed = -(-longest // high) if high else 0  # the step must be so many times as long
    if longest > high > 0 and shortest >= low * needed:
        text += f"; steps of at least {needed * dt:g} ms would do"
    yield "delays", text


def _neurons(
    name: str, count: npt.NDArray[np.int64], most: int, what: str, populations: Sequence[PopulationSlice]
) -> Iterator[tuple[str, str]]:
    over = int(np.count_nonzero(count > most))
    if over:
        worst = int(np.argmax(count))
        text = (
            f"a neuron can have {most:,} {what}, not {int(count[worst]):,} as {_neuron(worst, populations)} "
            f"({over:,} of {len(count):,} neurons have more than they can)"
        )
        yield name, text


def _tiles(name: str, count: npt.NDArray[np.int64], most: int, what: str) -> Iterator[tuple[str, str]]:
    over = int(np.count_nonzero(count > most))
    if over:
        worst = int(np.argmax(count))
        text = (
            f"a tile can have {most:,} {what}, not {int(count[worst]):,} as tile {worst} ({over:,} of {len(count):,} "
            f"tiles have more than they can); fewer neurons on a tile would do, with a smaller crossbar.neurons"
        )
        yield name, text


def _neuron(neuron: int, populations: Sequence[PopulationSlice]) -> str:
    for population in populations:
        if population.start <= neuron < population.stop:
            return f"neuron {neuron - population.start} of {population.label!r}"
    return f"neuron {neuron}"
