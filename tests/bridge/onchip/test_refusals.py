"""What has no form in gates, or does not fit: one line with the name, the rule and the value."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.errors import ConfigError, MappingError
from synaptile.bridge.onchip import convert
from synaptile.swsim.neurons.truenorth import TrueNorth
from synaptile.swsim.onchip import OnChipNetwork, OnChipPopulation, OnChipProjection
from synaptile.swsim.trace import PopulationSlice

CURR_EXP = {
    "v_rest": -65.0, "cm": 1.0, "tau_m": 20.0, "tau_refrac": 2.0, "i_offset": 0.0, "v_reset": -65.0, "v_thresh": -50.0,
    "tau_syn_E": 5.0, "tau_syn_I": 5.0,
}  # fmt: skip
CURR_DELTA = {name: value for name, value in CURR_EXP.items() if not name.startswith("tau_syn")}
FIXED = {"bits": 18, "leak_shift": 4, "bias": 0, "v_thresh": 100, "v_reset": 0, "subtract": 0, "refractory": 0}
FIXED_CURRENT = {name: value for name, value in FIXED.items() if name != "leak_shift"} | {
    "u_decay": 100, "v_decay": 100, "weight_shift": 6,
}  # fmt: skip
TWO = {"isyn_exc": 0.0, "isyn_inh": 0.0}


def population(
    label: str, start: int, size: int, celltype: str, parameters: Any = (), **initial: float
) -> OnChipPopulation:
    """Neurons that are all alike."""
    arrays = ({name: np.full(size, value) for name, value in dict(values).items()} for values in (parameters, initial))
    return OnChipPopulation(PopulationSlice(label, start, start + size, celltype), *arrays)


def network(*cells: OnChipPopulation, rows: Any = ((0, 2, 1.0, 1, 0),), **more: Any) -> OnChipNetwork:
    """Two sources ``in`` and some cells; rows of (pre, post, weight, delay, receptor) of the projection ``a``."""
    columns = np.array(rows, float).reshape(-1, 5).T
    names = ("pre", "post", "weight", "delay", "receptor")
    return OnChipNetwork(
        dt=0.5,
        populations=[population("in", 0, 2, "SpikeSourceArray"), *cells],
        **dict(zip(names, columns, strict=True)),
        projection=np.zeros(len(columns[0])),
        **{"projections": [OnChipProjection("a", connections=len(columns[0]))], **more},
    )


def exp(start: int = 2, size: int = 3, label: str = "cells", **changes: float) -> OnChipPopulation:
    return population(label, start, size, "IF_curr_exp", CURR_EXP | changes, v=-65.0, **TWO)


def delta(start: int = 2, size: int = 3, label: str = "cells", **changes: float) -> OnChipPopulation:
    return population(label, start, size, "IF_curr_delta", CURR_DELTA | changes, v=-65.0)


def fixed(start: int = 2, size: int = 3, label: str = "cells", **changes: float) -> OnChipPopulation:
    return population(label, start, size, "FixedPointLIF", FIXED | changes, v=0.0)


def fixed_current(start: int = 2, size: int = 3, label: str = "cells", **changes: float) -> OnChipPopulation:
    return population(label, start, size, "FixedPointCurrentLIF", FIXED_CURRENT | changes, v=0.0, u=0.0)


def truenorth(v: float = 0.0, **changes: float) -> OnChipPopulation:
    parameters = dict.fromkeys(TrueNorth.PARAMETERS, 0) | {"bits": 18, "threshold": 9, "seed": 1}
    return population("cells", 2, 3, "TrueNorthNeuron", parameters | changes, v=v)


def cell_of(celltype: str) -> OnChipPopulation:
    return population("cells", 2, 3, celltype)


def mask(neuron: int) -> np.ndarray:
    return np.arange(5) == neuron


CASES = {
    "a cell type": (
        network(cell_of("IF_cond_exp")),
        {},
        "population 'cells': the cell type IF_cond_exp has no form in gates; the nearest that has is IF_curr_exp "
        "(IF_curr_exp, IF_curr_delta, FixedPointLIF, FixedPointCurrentLIF, FixedPointTwoCurrentLIF, "
        "TrueNorthNeuron have one)",
    ),
    "another": (
        network(cell_of("Izhikevich")),
        {},
        "population 'cells': the cell type Izhikevich has no form in gates; the nearest that has is "
        "FixedPointCurrentLIF (IF_curr_exp, IF_curr_delta, FixedPointLIF, FixedPointCurrentLIF, "
        "FixedPointTwoCurrentLIF, TrueNorthNeuron have one)",
    ),
    "electrodes": (
        network(exp(), electrodes=["DCSource", "ACSource", "DCSource"]),
        {},
        "electrodes have no form on-chip, and this network has ACSource, DCSource; use the cells' constant input "
        "instead",
    ),
    "plastic": (
        network(exp(), projections=[OnChipProjection("a", "STDPMechanism", static=False, connections=1)]),
        {},
        "projection 'a': STDPMechanism has no form on-chip, where synapses keep their weights; use StaticSynapse",
    ),
    "gaps": (
        network(
            exp(),
            projections=[
                OnChipProjection("a"),
                OnChipProjection("g", "ElectricalSynapse", electrical=True, connections=2),
            ],
        ),
        {},
        "projection 'g': gap junctions (ElectricalSynapse) have no form on-chip",
    ),
    "no neurons": (network(rows=()), {}, "the network has no neurons that compute: on-chip needs at least one"),
    "a recorded current": (
        network(exp(), records={"v": mask(2), "isyn_exc": mask(3)}),
        {},
        "population 'cells': isyn_exc of IF_curr_exp cannot be recorded on-chip; spikes and v can",
    ),
    "a long delay": (
        network(exp(), rows=[(0, 2, 1, 14, 0), (0, 3, 1, 15, 0)]),
        {},
        "projection 'a': delay must lie in 0..14 steps on-chip (on-chip an event for these cells takes a tick more), "
        "not 15 (7.5 ms)",
    ),
    "a long delay of a step": (
        network(delta(), rows=[(0, 2, 1, 15, 0), (0, 3, 1, 16, 0)]),
        {},
        "projection 'a': delay must lie in 1..15 steps on-chip, not 16 (8 ms)",
    ),
    "no delay": (
        network(fixed(), rows=[(0, 2, 1, 0, 0)]),
        {},
        "projection 'a': delay must lie in 1..15 steps on-chip, not 0 (0 ms)",
    ),
    "two models": (
        network(fixed(), exp(5, label="others")),
        {},
        "all neurons of a chip are of one model: population 'others' (IF_curr_exp) needs current-lif or current-lif-2, "
        "and population 'cells' (FixedPointLIF) needs delta-lif",
    ),
    "another model than asked for": (
        network(exp()),
        {"core": {"neuron": "delta-lif"}},
        "population 'cells': IF_curr_exp needs core.neuron current-lif or current-lif-2, not delta-lif",
    ),
    "other bits": (
        network(fixed(bits=16)),
        {"core": {"state_bits": 18}},
        "population 'cells': bits must be the 18 state_bits of the cores, not 16",
    ),
    "few bits": (
        network(fixed(bits=4, v_thresh=5)),
        {},
        "population 'cells': bits must be the 8 state_bits of the cores, not 4",
    ),
    "a slow leak": (
        network(fixed(leak_shift=13)),
        {},
        "population 'cells': leak_shift must be at most 12 on-chip, not 13",
    ),
    "a weight": (
        network(fixed(), rows=[(0, 2, 100, 1, 0), (1, 4, 128, 1, 0)]),
        {},
        "projection 'a': the weight of neuron 1 of population 'in' onto neuron 2 of population 'cells' must be a whole "
        "number in -128..127 (8 bits), not 128",
    ),
    "weights together": (
        network(fixed(), rows=[(0, 2, -5, 1, 1), (0, 2, -4, 1, 1)]),
        {"weight_bits": 4},
        "projection 'a': the weight of neuron 0 of population 'in' onto neuron 0 of population 'cells' must be a whole "
        "number in -8..7 (4 bits), not -9 (all of this delay together)",
    ),
    "a weight that is not whole": (
        network(fixed(), rows=[(0, 2, 1.5, 1, 0)]),
        {},
        "projection 'a': the weight of neuron 0 of population 'in' onto neuron 0 of population 'cells' must be a whole "
        "number in -128..127 (8 bits), not 1.5",
    ),
    "a weight below the shift": (
        network(fixed(), rows=[(0, 2, 10, 1, 0)]),
        {"core": {"weight_shift": 2}},
        "projection 'a': the weight of neuron 0 of population 'in' onto neuron 0 of population 'cells' must be a "
        "multiple of 4 in -512..508 (8 bits), not 10",
    ),
    "a weight of a current": (
        network(fixed_current(), rows=[(0, 2, 200, 1, 0)]),
        {},
        "projection 'a': the weight of neuron 0 of population 'in' onto neuron 0 of population 'cells' must be a whole "
        "number in -128..127 (8 bits), not 200",
    ),
    "a negative bit": (
        network(delta(), rows=[(0, 2, -1, 1, 1)]),
        {"weight_bits": 1},
        "projection 'a': weights of a single bit are 0 or 1, not -1; use weight_bits of 2 or more",
    ),
    "a sign": (
        network(exp(tau_syn_I=9.0), rows=[(0, 2, 1, 1, 0), (1, 2, 0.5, 1, 1)]),
        {},
        "projection 'a': weights must be negative for that receptor, as current-lif-2 tells its currents by the sign, "
        "not 0.5",
    ),
    "refractory": (
        network(exp(tau_refrac=40.0)),
        {},
        "neuron 0 of population 'cells': the refractory period must be at most 63 steps with core.refractory_bits of "
        "6, not 80",
    ),
    "a threshold": (
        network(delta(v_reset=-50.1), rows=[(0, 2, 100, 1, 0)]),
        {"core": {"state_bits": 8}},
        "neuron 0 of population 'cells': threshold and reset are both 19 in whole numbers of 8 bits; use more "
        "core.state_bits",
    ),
    "weights that vanish": (
        network(delta(), rows=[(0, 2, 1, 1, 0)]),
        {"core": {"state_bits": 8, "weight_shift": 6}},
        "neuron 0 of population 'cells': all of its weights become 0 beside its threshold, with 8 state_bits and a "
        "weight_shift of 6; use more of the first or less of the second",
    ),
    "a first current": (
        network(population("cells", 2, 3, "FixedPointCurrentLIF", FIXED_CURRENT | {"u_decay": 4096}, v=0.0, u=3.0)),
        {},
        "neuron 0 of population 'cells': its initial current does not fit the 18 core.state_bits with the decay of a "
        "tick before the first step; begin with 0",
    ),
    "fan-in": (
        network(delta(), rows=[(p, 3, 1, d, 0) for p in (0, 1) for d in (1, 2, 3)]),
        {"crossbar": "5x4"},
        "neuron 1 of population 'cells' needs 6 axons, one for each presynaptic neuron and delay, more than the 5 of a "
        "crossbar: use crossbars of 6 axons or more (its inputs cannot be divided among several neurons, which would "
        "each leak and fire by themselves)",
    ),
    "axons": (
        network(delta(size=6), rows=[(c % 2, 2 + c, 1, 1 + c, 0) for c in range(6)] * 1 + [
            (0, 2 + c, 1, 9 + c % 3, 0) for c in range(6) for _ in (0,)
        ] + [(1, 2 + c, 1, d, 0) for c in range(6) for d in (12, 13)]),
        {"crossbar": "4x4", "mesh": (2, 1)},
        "crossbars of 4 neurons and 4 axons, one for each presynaptic neuron and delay, run out of axons and need 6 "
        "tiles; the mesh has 2: use a larger --mesh, or crossbars with more axons",
    ),
    "neurons": (
        network(delta(size=9)),
        {"crossbar": "4x4", "mesh": (2, 1)},
        "9 neurons need at least 3 tiles of 4 neurons; the 2x1 mesh has 2: use --mesh 1x3 or larger, or crossbars of 5 "
        "neurons",
    ),
    "targets": (
        network(delta(), rows=[(2, 3, 1, 1, 0), (2, 4, 1, 2, 0), (3, 2, 1, 1, 0)]),
        {"core": {"targets": 2}, "mesh": (1, 1)},
        "tile 0 needs 3 targets, one for each neuron, delay and tile that it sends to, more than the 2 of a core: use "
        "core.targets of that many",
    ),
    "keys": (
        network(delta(size=8), rows=[(2 + c, 2 + (c + 4) % 8, 1, 1, 0) for c in range(8)]),
        {"multicast": True, "table_entries": 3, "mesh": (2, 2), "crossbar": "8x4", "buffer_depth": 4},
        "table_entries must be at least 4, one for each tile and for each set of tiles that neurons of a tile send to "
        "in this network, not 3",
    ),
    "truenorth: a v at the threshold": (
        network(truenorth(v=5.0, threshold=5)),
        {"weight_bits": 1},
        "neuron 0 of population 'cells': no tick before the first step leads to its initial v of 5, beside its "
        "threshold, negative_threshold and leak; begin with another v",
    ),
    "truenorth: a v that the leak drives away from": (
        network(truenorth(v=1.0, threshold=5, leak=3, leak_reversal=1)),
        {"weight_bits": 1},
        "neuron 0 of population 'cells': no tick before the first step leads to its initial v of 1, beside its "
        "threshold, negative_threshold and leak; begin with another v",
    ),
    "truenorth: a synapse twice": (
        network(truenorth(threshold=5), rows=[(0, 2, 1, 1, 3), (0, 2, 1, 1, 3)]),
        {"weight_bits": 1},
        "projection 'a': the weight of neuron 0 of population 'in' onto neuron 0 of population 'cells' must be a whole "
        "number in 0..1 (1 bits), not 2 (all of this delay together)",
    ),
    "truenorth beside others": (
        network(truenorth(), delta(5, label="others")),
        {"weight_bits": 1},
        "all neurons of a chip are of one model: population 'others' (IF_curr_delta) needs delta-lif or current-lif or "
        "current-lif-2, and population 'cells' (TrueNorthNeuron) needs truenorth",
    ),
    "a source with input": (
        network(delta(), rows=[(2, 1, 1, 1, 0)]),
        {},
        "neuron 1 of population 'in' is a spike source and takes no synapses",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_is_said_in_one_line(name: str) -> None:
    described, chip, message = CASES[name]
    with pytest.raises(MappingError) as caught:
        convert(described, ChipConfig(**chip))
    assert str(caught.value) == message


def test_crossbars_that_are_no_cores() -> None:
    with pytest.raises(ConfigError, match=r"crossbar\.neurons: must lie in 4\.\.1024 for cores, not 2000"):
        convert(network(exp()), ChipConfig(crossbar="128x2000"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": "chip"}, "scale must be one of neuron, core, not 'chip'"),
        ({"headroom": 0.5}, "headroom must be at least 1, not 0.5"),
        ({"headroom": float("nan")}, "headroom must be at least 1, not nan"),
    ],
)
def test_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        convert(network(exp()), ChipConfig(), **options)


def test_what_is_not_used_is_not_refused() -> None:
    plastic = OnChipProjection("b", "STDPMechanism", static=False, connections=0)
    gaps = OnChipProjection("c", "ElectricalSynapse", electrical=True, connections=0)
    described = network(exp(tau_syn_I=9.0), records={"spikes": mask(0)})
    described = replace(described, projections=[*described.projections, plastic, gaps])
    program, _ = convert(described, ChipConfig())
    assert program.core.neuron == "current-lif"  # nobody listens with the other receptor


def test_cells_of_several_types_share_a_model_if_there_is_one() -> None:
    cells = (exp(), delta(5, label="d"), fixed_current(8, label="f", bits=18))
    program, report = convert(network(*cells), ChipConfig())
    assert program.core.neuron == "current-lif"
    assert [one.celltype for one in report.populations] == ["IF_curr_exp", "IF_curr_delta", "FixedPointCurrentLIF"]
    program, _ = convert(network(delta(), fixed(5, label="f")), ChipConfig())
    assert program.core.neuron == "delta-lif"
    program, _ = convert(
        network(exp(tau_syn_I=9.0), delta(5, label="d"), rows=[(0, 2, 1, 1, 0), (0, 2, -1, 1, 1)]), ChipConfig()
    )
    assert program.core.neuron == "current-lif-2"
