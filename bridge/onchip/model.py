"""A chip of cores without its network: every event arrives in its tick. The reference for chips that are in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from amaranth.hdl import Shape

from synaptile.rtl import NetworkParams, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.neurons import neuron_variables
from synaptile.rtl.core.params import DELAY_SLOTS
from synaptile.rtl.core.truenorth import AXON_TYPES

from ..engines.base import Activity, Deliveries, Packets
from ..engines.cores import COUNTERS, CoreImage, HostEvents, Spikes, Tick, Ticks, register_core_engine
from ..engines.cores.checks import check_events, check_images, check_schedule, reach_of
from ..engines.cores.unseen import no_activity, no_deliveries, no_packets
from ..engines.wave_sink import WaveSink
from .neuron_arrays import MODELS

__all__ = ["OnChipModel"]

Ints = npt.NDArray[np.int64]

_NONE: Ints = np.zeros(0, np.int64)


class OnChipModel:
    """A chip of cores in NumPy's whole numbers, with ideal timing: a `synaptile.bridge.engines.cores.CoreEngine`.

    It is the cores' arithmetic, spike for spike and number for number, and no network: what is sent in a tick arrives
    in it, so that nothing is ever late. A tick takes the cycles that it is given, or one; neurons are seen to fire, and
    the host is told, in the first of them. There are no packets and no deliveries.

    Parameters
    ----------
    network, core
        The chip.
    host_tile, host_key
        The tile at whose door the host is, which is where reports go, and the key that leads there.
    table
        Where packets carry keys: the routers' tables.
    waves, threads
        As all engines have them; there are no waves, and ``threads`` changes nothing.

    Raises
    ------
    ValueError
        If there are to be waves.
    """

    name = "model"

    def __init__(
        self,
        network: NetworkParams,
        core: CoreParams,
        *,
        host_tile: int = 0,
        host_key: int = 0,
        table: RoutingTable | None = None,
        waves: WaveSink | None = None,
        threads: int = 1,
    ) -> None:
        if waves is not None:
            raise ValueError("waves need an engine that has gates, not 'model'")
        self.network = network
        self.core = core
        self.host_tile = host_tile
        self.table = table
        self._update = MODELS[core.neuron]
        self._known, self._reach = reach_of(network, table)
        self.cycle = 0
        self.tick_number = 0

    # The images.

    def load(self, images: Sequence[CoreImage]) -> None:
        """Begin with a fresh chip whose cores hold these images, see `CoreEngine.load`."""
        tiles, core = self.network.tiles, self.core
        shapes = {name: Shape.cast(variable.shape) for name, variable in neuron_variables(core).items()}
        check_images(images, self.network, core, shapes)
        self._state = {
            name: np.concatenate([image.variables[name] for image in images]) for name in images[0].variables
        }
        rows = [np.nonzero(image.weights) for image in images]
        axon = np.concatenate([tile * core.axons + row for tile, (row, _) in enumerate(rows)])
        self._column = np.concatenate([tile * core.neurons + column for tile, (_, column) in enumerate(rows)])
        weight = np.concatenate([image.weights[found] for image, found in zip(images, rows, strict=True)])
        # What an event adds: to the sums of positive and of negative weights, or to the spikes of each type.
        apart = [weight == 1 + kind for kind in range(AXON_TYPES)]
        parts = apart if core.neuron == "truenorth" else [np.maximum(weight, 0), np.minimum(weight, 0)]
        self._weights = [part.astype(float) for part in parts]
        self._row = np.searchsorted(axon, np.arange(tiles * core.axons + 1))
        self._targets(images)
        self._due = np.zeros((DELAY_SLOTS, tiles * core.axons), bool)
        self._counters = {name: np.zeros(tiles, np.int64) for name in COUNTERS}
        self.cycle = self.tick_number = 0

    def _targets(self, images: Sequence[CoreImage]) -> None:
        """What each neuron sends: a delay and an axon of the chip for each event, and how often the host is told."""
        neurons, axons = self.core.neurons, self.core.axons
        count = np.zeros(len(images) * neurons + 1, np.int64)
        delays, targets = [], []
        self._reports = np.zeros(len(images) * neurons, np.int64)
        for tile, image in enumerate(images):
            lasts = np.flatnonzero(image.last)
            for neuron in np.flatnonzero(image.first >= 0).tolist():
                first = int(image.first[neuron])
                entries = slice(first, int(lasts[np.searchsorted(lasts, first)]) + 1)
                number = tile * neurons + neuron
                self._reports[number] = np.count_nonzero(image.delay[entries] == 0)
                for target, axon, delay, key in zip(
                    image.tile[entries], image.axon[entries], image.delay[entries], image.key[entries], strict=True
                ):
                    if delay:
                        reached = self._tiles(tile, int(target), int(key)) * axons + axon
                        targets.append(reached)
                        delays.append(np.full(len(reached), delay))
                        count[number + 1] += len(reached)
        self._start = np.cumsum(count)
        self._delay = np.concatenate([_NONE, *delays])
        self._target = np.concatenate([_NONE, *targets])

    def _tiles(self, source: int, tile: int, key: int) -> Ints:
        """The tiles that a packet from a tile goes to."""
        if self.table is None:
            return np.array([tile])
        node, _ = self.network.interconnect.locate(source)
        return np.array(self._reach[node, key])

    # Ticks.

    def tick(self, events: HostEvents, cycles: int | None) -> Tick:
        """Run one tick, see `CoreEngine.tick`; ``events`` arrive in it whatever its length."""
        return self.run(1, events, np.zeros(len(events), np.int64), cycles)[0]

    def run(self, ticks: int, events: HostEvents, when: Ints, cycles: int | None) -> Ticks:
        """Run several ticks, see `CoreEngine.run`."""
        check_schedule(ticks, events, when, cycles)
        node, _ = self.network.interconnect.locate(self.host_tile)
        check_events(events, self.network, self.core, self._known, node)
        sent = self._sent(events)
        begin = np.searchsorted(when, np.arange(ticks + 1))
        first, length = self.tick_number, cycles or 1
        fired, tick_of = [], []
        for tick in range(ticks):
            who = self._one_tick(sent, slice(begin[tick], begin[tick + 1]))
            fired.append(who)
            tick_of.append(np.full(len(who), first + tick))
        number, tick_number = np.concatenate([_NONE, *fired]), np.concatenate([_NONE, *tick_of])
        cycle = self.cycle + (tick_number - first) * length
        self.cycle += ticks * length
        told = np.repeat(np.arange(len(number)), self._reports[number])
        spikes = Spikes(tick_number, number // self.core.neurons, number % self.core.neurons, cycle)
        reported = Spikes(*(getattr(spikes, name)[told] for name in ("tick", "tile", "neuron", "cycle")))
        return Ticks(first, spikes, reported, np.full(ticks, length), np.zeros(ticks, np.int64))

    def _sent(self, events: HostEvents) -> Callable[[slice], tuple[Ints, Ints]]:
        """Return the function that gives (delay, axon of the chip) of some of a host's events."""
        core = self.core
        if self.table is None:
            flat = events.tile * core.axons + events.axon
            return lambda which: (events.delay[which], flat[which])
        reached = [self._tiles(self.host_tile, 0, int(key)) for key in events.key]

        def several(which: slice) -> tuple[Ints, Ints]:
            tiles = reached[which]
            sizes = [len(found) for found in tiles]
            axon, delay = np.repeat(events.axon[which], sizes), np.repeat(events.delay[which], sizes)
            return delay, np.concatenate([_NONE, *tiles]) * core.axons + axon

        return several

    def _one_tick(self, sent: Callable[[slice], tuple[Ints, Ints]], which: slice) -> Ints:
        """Update all neurons once and send what follows; return those that fire, tile by tile."""
        slot = self.tick_number % DELAY_SLOTS
        rows = np.flatnonzero(self._due[slot])
        self._due[slot] = False
        size = len(self._state["v"])
        entries = _ranges(self._row, rows)
        column = self._column[entries]
        arriving = [np.bincount(column, weight[entries], size).astype(np.int64) for weight in self._weights]
        fired: Ints = np.flatnonzero(self._update(self.core, self._state, arriving))
        mine = _ranges(self._start, fired)
        delay, axon = sent(which)
        tiles = self.network.tiles
        for delays, targets in ((self._delay[mine], self._target[mine]), (delay, axon)):
            self._due[(self.tick_number + delays) % DELAY_SLOTS, targets] = True
            self._counters["axon_events"] += np.bincount(targets // self.core.axons, minlength=tiles)
        self.tick_number += 1
        self._counters["neuron_updates"] += self.core.neurons
        self._counters["spikes"] += np.bincount(fired // self.core.neurons, minlength=tiles)
        return fired

    # What is seen of it.

    def read(self, tile: int, variable: str) -> Ints:
        """The present values of a variable of a core's neurons, see `CoreEngine.read`."""
        neurons = self.core.neurons
        values: Ints = self._state[variable][tile * neurons : (tile + 1) * neurons].copy()
        return values

    def packets(self) -> Packets:
        """None: there is no network."""
        return no_packets()

    def deliveries(self, first: int = 0) -> Deliveries:
        """None, likewise."""
        return no_deliveries()

    def activity(self) -> Activity:
        """Nothing, in as many cycles as have passed."""
        return no_activity(self.network, self.cycle)

    def counters(self) -> dict[str, Ints]:
        """Events counted so far in each core, see `CoreEngine.counters`; cycles and overruns there are none."""
        return {name: values.copy() for name, values in self._counters.items()}


def _ranges(start: Ints, which: Ints) -> Ints:
    """The numbers from ``start[i]`` to ``start[i + 1]``, one less the last, for each of some i, one after the other."""
    count = start[which + 1] - start[which]
    begin = np.cumsum(count) - count
    numbers: Ints = np.arange(int(count.sum())) + np.repeat(start[which] - begin, count)
    return numbers


register_core_engine(OnChipModel.name, OnChipModel)
