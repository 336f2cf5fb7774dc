"""From PyNN to whole-number cores: the same in software and on the chip's model, or close to it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.model_chip import ModelChip
from support.onchip_networks import Recipe, outcome, random_wires

import synaptile.swsim as sim
from synaptile.bridge.config import ChipConfig
from synaptile.swsim.integration.exact import psc_propagator

FIXED = {
    "FixedPointLIF": (
        sim.FixedPointLIF,
        {"bits": 18, "leak_shift": [0, 2, 4], "bias": [-1, 0, 2], "v_thresh": [9, 14, 20], "v_reset": -3,
         "subtract": [0, 1, 1], "refractory": [0, 1, 3]},
    ),
    "FixedPointCurrentLIF": (
        sim.FixedPointCurrentLIF,
        {"bits": 20, "u_decay": [700, 0, 4096], "v_decay": [200, 900, 0], "weight_shift": 5, "bias": [3, -20, 0],
         "v_thresh": [700, 1500, 300], "v_reset": [0, -40, -1], "subtract": [0, 1, 0], "refractory": [2, 0, 1]},
    ),
    "FixedPointTwoCurrentLIF": (
        sim.FixedPointTwoCurrentLIF,
        {"bits": 18, "u_decay_exc": [700, 100, 4096], "u_decay_inh": [200, 3000, 0], "v_decay": [200, 900, 0],
         "weight_shift": 4, "bias": [3, -20, 0], "v_thresh": [500, 900, 300], "v_reset": [0, -40, -1],
         "subtract": [0, 1, 0], "refractory": [2, 0, 1]},
    ),
}  # fmt: skip


def repeated(parameters: dict[str, Any], cells: int) -> dict[str, Any]:
    """Give each cell one of the listed values in turn."""
    return {name: np.resize(value, cells).tolist() for name, value in parameters.items()}


def whole_number_recipe(name: str, seed: int, bits: int, *, cells: int = 12, steps: int = 60) -> Recipe:
    """Random sources and connections, recurrent ones too, with weights of so many bits."""
    cell, parameters = FIXED[name]
    rng = np.random.default_rng(seed)
    top = (1 << (bits - 1)) - 1
    initial = {"v": rng.integers(-5, 9, cells).tolist()}
    if name == "FixedPointCurrentLIF":
        initial["u"] = np.resize([5, -700, 0], cells).tolist()  # with a decay of 4096 nothing comes before a 0
    signs = {"excitatory": lambda g: int(g.integers(1, top + 1)), "inhibitory": lambda g: -int(g.integers(1, top + 2))}
    return Recipe(
        cell=cell,
        parameters=repeated(parameters, cells),
        trains=[np.sort(rng.choice(steps, 15, replace=False)).tolist() for _ in range(5)],
        wires={sign: random_wires(rng, 5, cells, weight, 0.4, 15) for sign, weight in signs.items()},
        inner={sign: random_wires(rng, cells, cells, weight, 0.2, 15) for sign, weight in signs.items()},
        cells=cells,
        initial=initial,
        steps=steps,
    )


def same(recipe: Recipe, chip: ModelChip) -> int:
    """Check that spikes and potentials are equal; return the number of spikes of cells."""
    software, hardware = outcome(recipe), outcome(recipe, chip)
    assert hardware.spikes == software.spikes
    np.testing.assert_array_equal(hardware.potentials, software.potentials)
    return sum(neuron >= len(recipe.trains) for _, neuron in software.spikes)


@pytest.mark.parametrize("name", FIXED)
@given(seed=st.integers(0, 10_000), bits=st.integers(2, 8))
@settings(max_examples=8)
def test_whole_number_cells_are_the_same(name: str, seed: int, bits: int) -> None:
    chip = ModelChip(ChipConfig(mesh=(2, 2), crossbar="512x8", weight_bits=bits))
    same(whole_number_recipe(name, seed, bits), chip)
    assert chip.report.exact
    assert chip.made.core.state_bits == FIXED[name][1]["bits"]


@pytest.mark.parametrize("name", FIXED)
def test_they_fire(name: str) -> None:
    chip = ModelChip(ChipConfig(mesh=(2, 2), crossbar="512x8", weight_bits=6))
    assert same(whole_number_recipe(name, 1, 6), chip) > 50


@pytest.mark.parametrize("topology", ["mesh", "torus", "tree"])
@pytest.mark.parametrize("multicast", [False, True])
def test_it_is_the_same_wherever_neurons_sit(topology: str, multicast: bool) -> None:
    mesh, channels = ((4, 2), 1) if topology == "tree" else ((3, 2), 2 if topology == "torus" else 1)
    config = ChipConfig(
        mesh=mesh,
        crossbar="256x4",
        weight_bits=5,
        topology=topology,
        virtual_channels=channels,
        multicast=multicast,
        buffer_depth=4,
        core={"host_tile": 3},
    )
    chip = ModelChip(config)
    assert same(whole_number_recipe("FixedPointLIF", 3, 5, cells=16), chip) > 50
    assert len(np.unique(chip.made.tile)) >= 4
    assert (chip.made.table is not None) == multicast
    if multicast:
        several = [targets for _, targets in chip.made.destinations.keys.groups]
        assert several
        assert min(map(len, several)) > 1


# Decays that twelve bits hold exactly, and weights that are whole shares of the largest.
TAU_M, TAU_SYN, TAU_INH = (-1.0 / np.log(keep / 4096) for keep in (3840, 3072, 3584))


def exact_recipe(cell: Any, seed: int, **parameters: Any) -> Recipe:
    rng = np.random.default_rng(seed)
    unit = 0.06 if cell is sim.IF_curr_delta else 0.02
    # Units of both receptors raise the potential by the same.
    exc, inh = (psc_propagator(1.0, TAU_M, parameters.get(name, 1.0), 1.0) for name in ("tau_syn_E", "tau_syn_I"))
    signs = {
        "excitatory": lambda g: unit * int(g.integers(1, 128)),
        "inhibitory": lambda g: -unit * exc / inh * int(g.integers(1, 128)),
    }
    sources = random_wires(rng, 6, 8, signs["excitatory"], 0.6, 13)
    inner = random_wires(rng, 8, 8, signs["inhibitory"], 0.4)
    # Each cell has the largest weight.
    sources += [(0, cell, unit * 127, 14) for cell in range(8)]
    return Recipe(
        cell=cell,
        parameters={"tau_m": TAU_M, "tau_refrac": 2.0, "v_rest": -64.0, "v_reset": -70.0, **parameters},
        trains=[np.sort(rng.choice(150, 50, replace=False)).tolist() for _ in range(6)],
        wires={"excitatory": sources},
        inner={"inhibitory": inner},
        cells=8,
        initial={"v": -61.0},
        steps=150,
    )


RECIPES = {
    "one current": (sim.IF_curr_exp, {"tau_syn_E": TAU_SYN, "tau_syn_I": TAU_SYN, "i_offset": 0.05}, "current-lif"),
    "two currents": (sim.IF_curr_exp, {"tau_syn_E": TAU_SYN, "tau_syn_I": TAU_INH}, "current-lif-2"),
    "delta": (sim.IF_curr_delta, {"i_offset": 0.1}, "delta-lif"),
    "delta with a current": (sim.IF_curr_delta, {"i_offset": 0.1}, "current-lif"),
}


@pytest.mark.parametrize("kind", RECIPES)
def test_with_wide_numbers_potentials_agree_to_rounding(kind: str) -> None:
    """Time grids, propagators, refractory periods, offsets: all that is not precision is exact."""
    cell, parameters, neuron = RECIPES[kind]
    config = ChipConfig(mesh=(2, 1), crossbar="256x8", weight_bits=8, core={"state_bits": 32, "neuron": neuron})
    recipe, chip = exact_recipe(cell, 4, **parameters), ModelChip(config)
    software, hardware = outcome(recipe), outcome(recipe, chip)
    assert sum(neuron >= 6 for _, neuron in software.spikes) > 30
    assert hardware.spikes == software.spikes
    # Each tick truncates by less than a unit, and the leak lets that grow to at most 16 units, twice with a current.
    coarsest = chip.report.populations[0].least_scale
    assert coarsest > 10_000
    assert np.abs(hardware.potentials - software.potentials).max() < 100 / coarsest
    assert max(projection.largest_error for projection in chip.report.projections) < 1e-12


def rates(recipe: Recipe, hardware: Any = None) -> np.ndarray:
    """Spikes of each cell."""
    spikes = outcome(recipe, hardware).spikes
    return np.bincount([neuron for _, neuron in spikes], minlength=len(recipe.trains) + recipe.cells)[
        len(recipe.trains) :
    ]


@pytest.mark.parametrize("cell", [sim.IF_curr_exp, sim.IF_curr_delta])
@pytest.mark.parametrize("bits", [8, 5])
def test_firing_rates_are_close_with_few_bits(cell: Any, bits: int) -> None:
    rng = np.random.default_rng(7)
    strength = 6.0 if cell is sim.IF_curr_delta else 1.6
    recipe = Recipe(
        cell=cell,
        parameters={"tau_m": 15.0, "tau_refrac": 2.0}
        | ({} if cell is sim.IF_curr_delta else {"tau_syn_E": 4.0, "tau_syn_I": 8.0}),
        trains=[np.sort(rng.choice(300, 90, replace=False)).tolist() for _ in range(20)],
        wires={"excitatory": random_wires(rng, 20, 30, lambda g: g.uniform(0, strength))},
        inner={"inhibitory": random_wires(rng, 30, 30, lambda g: -g.uniform(0, strength), 0.2)},
        cells=30,
        steps=300,
    )
    software, hardware = rates(recipe), rates(recipe, ModelChip(ChipConfig(crossbar="512x32", weight_bits=bits)))
    assert software.sum() > 300
    assert abs(hardware.sum() / software.sum() - 1) < 0.03
    assert np.corrcoef(software, hardware)[0, 1] > (0.98 if bits == 8 else 0.95)


def test_exc_and_inh_of_one_neuron_and_delay_take_two_axons_where_there_are_two_currents() -> None:
    parameters = repeated(FIXED["FixedPointTwoCurrentLIF"][1], 4)
    wires = {"excitatory": [(0, 0, 5, 2), (0, 1, 4, 2)], "inhibitory": [(0, 0, -3, 2), (0, 1, -7, 3), (0, 2, -1, 2)]}
    recipe = Recipe(sim.FixedPointTwoCurrentLIF, parameters, [list(range(0, 40, 3))], wires, cells=4, steps=50)
    chip = ModelChip(ChipConfig(mesh=(1, 1), crossbar="8x4"))
    same(recipe, chip)
    assert chip.made.axon_table(0) == {0: (0, 2), 1: (0, 2), 2: (0, 3)}


def test_synapses_of_one_pair_and_delay_are_added() -> None:
    parameters = repeated(FIXED["FixedPointLIF"][1], 4)
    wires = {"excitatory": [(0, 0, 50, 2), (0, 0, 60, 2), (0, 0, 1, 4)], "inhibitory": [(0, 0, -10, 2)]}
    recipe = Recipe(sim.FixedPointLIF, parameters, [list(range(0, 40, 3))], wires, cells=4, steps=50)
    chip = ModelChip(ChipConfig(mesh=(1, 1), crossbar="8x4"))
    same(recipe, chip)
    assert chip.report.merged == 2
    assert chip.made.images[0].weights[:, 0].tolist() == [100, 1, 0, 0, 0, 0, 0, 0]


def test_neurons_that_the_host_records_report_to_it() -> None:
    recipe = whole_number_recipe("FixedPointLIF", 3, 5, cells=6)
    chip = ModelChip(ChipConfig(mesh=(2, 1), crossbar="256x4"))
    cells = recipe.build(chip)
    cells.record(None)
    cells[:2].record("spikes")
    sim.run(5.0)
    told = [image.first[slot] for image in chip.made.images for slot in range(4)]
    assert len(told) == 8
    reports = sum(int((image.delay == 0).sum()) for image in chip.made.images)
    assert reports == 2
    for neuron in (5, 6):
        image = chip.made.images[chip.made.tile[neuron]]
        entries = slice(image.first[chip.made.slot[neuron]], None)
        last = np.flatnonzero(image.last[entries])[0]
        assert image.delay[entries][last] == 0


def test_a_destination_table_is_as_large_as_it_has_to_be() -> None:
    recipe = whole_number_recipe("FixedPointLIF", 3, 5)
    chip = ModelChip(ChipConfig(mesh=(2, 2), crossbar="256x8"))
    outcome(recipe, chip)
    needed = max(len(image.tile) for image in chip.made.images)
    assert chip.report.most_targets == needed
    assert needed <= chip.made.core.targets < 2 * needed
    given_targets = ModelChip(ChipConfig(mesh=(2, 2), crossbar="256x8", core={"targets": 300}))
    outcome(recipe, given_targets)
    assert given_targets.made.core.targets == 300


def test_the_way_back() -> None:
    chip = ModelChip(ChipConfig(mesh=(2, 2), crossbar="256x8"))
    outcome(whole_number_recipe("FixedPointLIF", 3, 5), chip)
    made = chip.made
    assert made.cells.tolist() == list(range(5, 17))
    assert made.neuron_at(made.tile[5:], made.slot[5:]).tolist() == made.cells.tolist()
    assert (made.tile[:5] == -1).all()
    taken = set(zip(made.tile, made.slot, strict=True))
    free = next((tile, slot) for tile in range(4) for slot in range(8) if (tile, slot) not in taken)
    assert made.neuron_at(*free) == -1
    events = made.host_events([2, 0])
    for tile, axon, delay in zip(events.tile, events.axon, events.delay, strict=True):
        assert made.axon_table(int(tile))[int(axon)][1] == delay
    assert {made.axon_table(int(t))[int(a)][0] for t, a in zip(events.tile, events.axon, strict=True)} == {0, 2}
    assert made.variable("v", 5) == "v"
    assert made.variable("v", 0) is None
    assert made.mapping.neurons == 17
    assert made.mapping.neurons_used().sum() == 12


TRUENORTH = {
    "bits": 18, "weight_0": [3, 9, 200], "weight_1": [1, 4, 90], "weight_2": [-2, -5, -100], "weight_3": [7, -9, 255],
    "stochastic_weights": [0, 0, 15, 5], "leak": [-1, 2, 0, 60, -3], "leak_reversal": [0, 1, 0, 0, 1],
    "stochastic_leak": [0, 0, 0, 1, 0], "threshold": [12, 20, 9, 15], "negative_threshold": [5, 0, 30],
    "mask": [0, 0, 7, 0, 15], "reset": [0, -2, 3], "reset_mode": [0, 1, 0, 2], "saturate": [1, 0, 1],
}  # fmt: skip


def truenorth_recipe(seed: int, *, cells: int = 20, steps: int = 60) -> Recipe:
    rng = np.random.default_rng(seed)
    return Recipe(
        cell=sim.TrueNorthNeuron,
        parameters=repeated(TRUENORTH, cells) | {"seed": (np.arange(cells) + seed).tolist()},
        trains=[np.sort(rng.choice(steps, 15, replace=False)).tolist() for _ in range(5)],
        wires={f"type{kind}": random_wires(rng, 5, cells, lambda _: 1, 0.2, 15) for kind in range(4)},
        inner={f"type{kind}": random_wires(rng, cells, cells, lambda _: 1, 0.05, 15) for kind in range(4)},
        cells=cells,
        # Where a tick can lead: below the threshold, and with a leak that drives away from 0 not beside it.
        initial={"v": np.resize([0, 7, 0, 4, 0], cells).tolist()},
        steps=steps,
    )


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8)
def test_truenorth_s_neurons_are_the_same(seed: int) -> None:
    recipe = truenorth_recipe(seed)
    chip = ModelChip(ChipConfig(mesh=(2, 2), crossbar="512x8", weight_bits=1))
    assert same(recipe, chip) > 50
    assert chip.made.core.neuron == "truenorth"
    assert chip.report.exact
    # In a row all synapses have the type of the axon.
    for image in chip.made.images:
        for row in image.weights:
            assert len(set(row.tolist()) - {0}) <= 1
