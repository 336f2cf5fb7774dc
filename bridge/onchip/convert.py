"""From a network to what the cores of a chip are programmed with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core import CoreParams
from synaptile.swsim.onchip import OnChipNetwork

from ..config import ChipConfig
from ..config.cores import core_params
from ..config.parameters import AUTO
from ..errors import MappingError
from ..mapping import GivenMapping, Mapping, MappingMethods, MappingReport, Network
from .axons import AxonMap, Inputs, allocate
from .cells import CELLS, Form, fixed_point_problem
from .destinations import Destinations
from .images import core_images
from .program import OnChipProgram
from .quantisation import Weights, choose_shift, choose_state_bits, scales
from .refusals import check_delays, check_network, common_model
from .report import ConversionReport, conversion_report
from .tiles import map_cells
from .truenorth import truenorth_variables
from .variables import neuron_variables
from .whole_weights import check_signs, whole_weights

__all__ = ["SCALES", "convert"]

Ints = npt.NDArray[np.int64]

SCALES = {
    "neuron": "each neuron has a scale of its own",
    "core": "all neurons of a core have one scale",
}
"""Which neurons share the scale of their weights."""


def convert(
    network: OnChipNetwork,
    config: ChipConfig,
    *,
    scale: str = "neuron",
    headroom: float = 4.0,
    partition: str = "auto",
    placement: str = "optimised",
    spike_counts: npt.NDArray[np.int64] | None = None,
    seed: int = 0,
    given: GivenMapping | None = None,
) -> tuple[OnChipProgram, ConversionReport]:
    """Put a network onto a chip of cores.

    Cells that are whole numbers already, such as `FixedPointLIF`, are taken exactly. Of others the weights are rounded
    to the chip's bits, with a scale for each neuron or core (`quantisation.scales`), in which its threshold, bias,
    reset and state are written too. What the chip leaves open (``state_bits``, ``weight_shift``, ``targets`` of its
    ``core``) is chosen as the network needs it.

    Parameters
    ----------
    network, config
        The network and the chip.
    scale
        A name of `SCALES`.
    headroom
        How much larger a potential may become, up or down, than the threshold is above rest, before it saturates.
    partition, placement, seed, given
        How neurons are put on tiles, as for `map_network`. Of a given mapping the tiles are taken, and the slots are
        numbered anew, for spike sources have none.
    spike_counts
        Spikes of each neuron in an earlier run, shape (neurons,), which guide that.

    Raises
    ------
    MappingError
        If something of the network has no form in gates, or does not fit; in one line, with the name of what it is,
        the rule and the value.
    ConfigError
        If the chip's crossbars have no form in gates.
    ValueError
        If a name or ``headroom`` is wrong.
    """
    if scale not in SCALES:
        raise ValueError(f"scale must be one of {', '.join(SCALES)}, not {scale!r}")
    if not headroom >= 1:
        raise ValueError(f"headroom must be at least 1, not {headroom!r}")
    check_network(network)
    cells = np.flatnonzero(~network.is_source)
    index = np.full(network.neurons, -1, np.int64)
    index[cells] = np.arange(len(cells))

    def name(cell: int) -> str:
        return network.name(int(cells[cell]))

    post = index[network.post]
    if (post < 0).any():
        raise MappingError(f"{network.name(int(network.post[post < 0][0]))} is a spike source and takes no synapses")
    form, core, used = _cells(network, config, post, len(cells))
    receptor = network.receptor.astype(np.int64)
    gain = form.gain[receptor, post]
    delay = network.delay.astype(np.int64) + form.later[post]
    later = np.zeros(network.neurons, np.int64)
    later[cells] = form.later
    check_delays(network, later, delay)
    check_signs(network, core, receptor)

    current = _axon_of_several(network.pre, delay, post, receptor, len(cells), core.neuron)
    inputs = Inputs.of(network.pre.astype(np.int64), delay, current, post, len(cells))
    raised = np.bincount(inputs.entry, network.weight * gain, len(inputs.cell))
    weights = Weights(inputs.cell, raised.astype(np.float64))
    methods = MappingMethods(partition, placement, seed, given)
    mapping, mapping_report = _placed(network, config, inputs, cells, index, spike_counts, methods)
    core = _completed(network, config, core, form, weights, headroom)
    group = np.arange(len(cells)) if scale == "neuron" else mapping.tile.astype(np.int64)
    per_unit = scales(form, weights, group, core, headroom)
    whole = whole_weights(network, core, form, weights, per_unit, inputs.entry, name)
    first_current = (used[1] & ~used[0]).astype(np.int64)
    if core.neuron == "truenorth":
        variables = truenorth_variables(network, name)
    else:
        variables = neuron_variables(form, per_unit, first_current, core, name)

    tile, slot = np.full(network.neurons, -1, np.int64), np.full(network.neurons, -1, np.int64)
    tile[cells], slot[cells] = mapping.tile, mapping.slot
    # A weight that became 0 changes nothing: a row of zeros is not there, and no packet is sent to it.
    there = whole != 0
    rows, stored = inputs.acting(there), whole[there]
    if core.neuron == "truenorth":
        stored = stored * (1 + rows.current[rows.input])  # the axon's type
    axons = allocate(rows, mapping.tile.astype(np.int64), config.tiles, core.axons, keys=config.multicast)
    host_tile = 0 if config.core is None else config.core.host_tile
    destinations = Destinations.of(rows, axons, np.where(tile < 0, host_tile, tile), config)
    reported = network.recorded("spikes") & ~network.is_source
    entries = np.diff(destinations.start) + reported
    most_targets = int(np.bincount(mapping.tile, entries[cells], config.tiles).max(initial=0))
    core = _with_targets(config, core, tile, entries, most_targets)
    images = core_images(core, mapping, cells, rows, axons, stored, variables, destinations, reported, host_tile)
    numbers = np.full((2, network.neurons), np.nan)
    numbers[:, cells] = per_unit, form.offset
    everywhere = np.where(tile < 0, host_tile, tile), np.maximum(slot, 0)
    program = OnChipProgram(
        config=config,
        core=core,
        images=images,
        populations=tuple(network.slices),
        cells=cells,
        mapping=Mapping(
            config.rows, config.cols, config.crossbar, *everywhere, network.is_source if (tile < 0).any() else None
        ),
        mapping_report=mapping_report,
        tile=tile,
        slot=slot,
        scale=numbers[0],
        offset=numbers[1],
        destinations=destinations,
        weight_error=(whole * (1 << core.weight_shift) / per_unit[weights.cell] - weights.value)[inputs.entry] / gain,
        **_axon_names(rows, axons, config.tiles, core.axons),
    )
    report = conversion_report(
        network,
        core,
        form,
        per_unit,
        variables,
        weights,
        whole,
        inputs.entry,
        gain,
        first_current,
        cells=len(cells),
        tiles=config.tiles,
        tiles_used=mapping_report.tiles_used,
        most_axons=int(np.bincount(axons.tile).max(initial=0)),
        most_targets=most_targets,
    )
    return program, report


def _cells(
    network: OnChipNetwork, config: ChipConfig, post: Ints, cells: int
) -> tuple[Form, CoreParams, npt.NDArray[np.bool_]]:
    """What the cells compute, a core with their model, and which receptors are used, shape (receptors, cells)."""
    used = np.zeros((max(2, int(network.receptor.max(initial=0)) + 1), cells), bool)
    used[network.receptor, post] = True
    populations = [population for population in network.populations if not population.where.is_source]
    forms, permitted, start = [], [], 0
    for population in populations:
        kind, stop = CELLS[population.where.celltype], start + population.where.size
        forms.append(kind.form(population, network.dt))
        permitted.append(kind.models(population, used[:, start:stop]))
        start = stop
    asked = AUTO if config.core is None else config.core.neuron
    labels = [population.where.label for population in populations]
    model = common_model(labels, [population.where.celltype for population in populations], permitted, asked)
    bits = [int(p.parameters["bits"].max()) for p in populations if "bits" in p.parameters and p.where.size]
    core = core_params(config, model, **({"state_bits": min(32, max(8, *bits))} if bits else {}))
    for population in populations:
        problem = fixed_point_problem(population, core.state_bits)
        if problem is not None:
            raise MappingError(f"population {population.where.label!r}: {problem}")
    return Form.joined(forms), core, used


def _axon_of_several(
    pre: npt.NDArray[np.int32], delay: Ints, post: Ints, receptor: Ints, cells: int, neuron: str
) -> Ints:
    """The number of the axon of each synapse among those of its neuron and delay.

    TrueNorth's axons are of one type each. Where there are two currents, a neuron and delay have a second axon only if
    they have both receptors of a cell; else one is enough for all.
    """
    if neuron == "truenorth":
        return receptor
    if neuron != "current-lif-2":
        return np.zeros_like(receptor)
    axon = pre.astype(np.int64) * 16 + delay
    pair = axon * cells + post
    both = np.intersect1d(pair[receptor == 0], pair[receptor == 1])
    separate = np.isin(axon, both // cells)
    current: Ints = np.where(separate, receptor, 0)
    return current


def _placed(
    network: OnChipNetwork,
    config: ChipConfig,
    inputs: Inputs,
    cells: Ints,
    index: Ints,
    spike_counts: npt.NDArray[np.int64] | None,
    methods: MappingMethods,
) -> tuple[Mapping, MappingReport]:
    """Tiles and slots of the cells, and how they were found."""
    given = None
    if methods.given is not None:
        methods.given.check(Network.of(network.neurons, network.pre, network.post), config)
        given = methods.given.tiles_of(cells, config), methods.given
    among = index[network.pre] >= 0
    inner = Network.of(
        len(cells),
        index[network.pre[among]],
        index[network.post[among]],
        spike_counts=None if spike_counts is None else spike_counts[cells],
    )
    return map_cells(
        inner,
        inputs,
        config,
        name=lambda cell: network.name(int(cells[cell])),
        given=given,
        partition=methods.partition,
        placement=methods.placement,
        seed=methods.seed,
    )


def _completed(
    network: OnChipNetwork, config: ChipConfig, core: CoreParams, form: Form, weights: Weights, headroom: float
) -> CoreParams:
    """The core with the width of its numbers and the shift of its weights, if the chip leaves them open."""
    given, cells = config.core, [p for p in network.populations if not p.where.is_source and p.where.size]
    if (given is None or given.state_bits is None) and not any("bits" in p.parameters for p in cells):
        core = replace(core, state_bits=choose_state_bits(form, weights, headroom))
    if given is not None and given.weight_shift is not None:
        return core
    asked = [CELLS[population.where.celltype].weight_shift(population) for population in cells]
    own = [shift for shift in asked if shift is not None]
    return replace(core, weight_shift=min(own) if own else choose_shift(form, weights, core, headroom))


def _with_targets(config: ChipConfig, core: CoreParams, tile: Ints, entries: Ints, most: int) -> CoreParams:
    """The core with a destination table that is large enough, if the chip leaves its size open."""
    limit = config.core.targets if config.core is not None else None
    if limit is None:
        limit = 1 << 16
        core = replace(core, targets=max(1, 1 << (min(most, limit) - 1).bit_length()) if most > 1 else 1)
    if most > limit:
        fullest = int(np.bincount(tile[tile >= 0], entries[tile >= 0]).argmax())
        raise MappingError(
            f"tile {fullest} needs {most} targets, one for each neuron, delay and tile that it sends to, more than the "
            f"{limit} of a core: use "
            + ("core.targets of that many" if limit < 1 << 16 else "crossbars of fewer neurons, or a larger --mesh")
        )
    return core


def _axon_names(inputs: Inputs, axons: AxonMap, tiles: int, count: int) -> dict[str, Ints]:
    pre, delay = np.full((tiles, count), -1, np.int64), np.zeros((tiles, count), np.int64)
    pre[axons.tile, axons.axon] = inputs.pre[axons.input]
    delay[axons.tile, axons.axon] = inputs.delay[axons.input]
    return {"axon_pre": pre, "axon_delay": delay}
