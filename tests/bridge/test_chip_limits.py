"""Chips whose limits bind: in lock-step, under a trace and on-chip; and weights that are rounded."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import synaptile.swsim as sim
from synaptile.bridge import Chip
from synaptile.bridge.cli.main import main
from synaptile.bridge.errors import MappingError

pytestmark = pytest.mark.usefixtures("quick_build")

LINKS = [(i, j, 0.037 * (1 + (i * 7 + j * 3) % 29), 1.0 + (i + j) % 3) for i in range(20) for j in range(20)]
SMALL = {"mesh": (2, 2), "crossbar": "64x16"}


def spikes(
    chip: Chip | None, links: Any = LINKS, *, mode: str | None = None, again: float | None = None
) -> list[list[float]]:
    """The spikes of 20 neurons that 20 sources excite, with ``again`` as all weights after 30 ms."""
    sim.setup(timestep=1.0, hardware=chip, seed=3, hardware_mode=mode)
    sources = sim.Population(20, sim.SpikeSourcePoisson(rate=60.0))
    neurons = sim.Population(20, sim.IF_curr_exp(), label="out")
    first = sim.Projection(sources, neurons, sim.FromListConnector(links), sim.StaticSynapse())
    if again is not None:
        sim.run(30.0)
        first.set(weight=again)
    neurons.record("spikes")
    sim.run(100.0)
    asked = [weight for *_, weight in first.get(["weight"], format="list")]
    assert asked == ([weight for _, _, weight, _ in links] if again is None else [again] * len(links))
    return [train.magnitude.tolist() for train in neurons.get_data().segments[0].spiketrains]


@pytest.mark.parametrize("bits", [1, 2, 5])
@pytest.mark.parametrize("scale", ["projection", "neuron"])
def test_rounded_weights_are_a_network_of_rounded_weights(bits: int, scale: str) -> None:
    """Spike for spike; the weights are rounded here once more, in plain Python."""
    rounded = []
    for pre, post, weight, delay in LINKS:
        shared = [w for _, other, w, _ in LINKS if scale == "projection" or other == post]
        step = max(shared) / (2**bits - 1)
        rounded.append((pre, post, max(shared) if weight == max(shared) else round(weight / step) * step, delay))
    chip = Chip(**SMALL, weight_bits=bits, weight_scale=scale)
    on_chip = spikes(chip)
    assert on_chip == spikes(Chip(**SMALL), rounded)
    assert on_chip != spikes(Chip(**SMALL))
    report = chip.report().rounded
    assert report is not None
    errors = np.array([b[2] - a[2] for a, b in zip(LINKS, rounded, strict=True)])
    assert report.projections[0].largest_error == pytest.approx(np.abs(errors).max())
    assert report.projections[0].rms_error == pytest.approx(np.sqrt(np.mean(errors**2)))


def test_exact_weights_are_those_of_software() -> None:
    exact = spikes(Chip(**SMALL))
    chip = Chip(**SMALL, weight_bits=1, relax="weights")
    assert spikes(chip) == exact
    assert chip.report().rounded is None
    assert spikes(Chip(**SMALL, weight_bits=32)) == exact


def test_weights_that_are_set_in_the_middle_are_rounded_as_they_are_then() -> None:
    chip = Chip(**SMALL, weight_bits=1)
    spikes(chip, again=0.9)
    report = chip.report().rounded
    assert report is not None
    assert report.projections[0].largest_weight == 0.9
    assert report.projections[0].largest_error == 0


def test_a_comparison_with_software_has_exact_weights_and_says_what_was_rounded() -> None:
    chip = Chip(**SMALL, weight_bits=1, compare=True)
    spikes(chip)
    changes = chip.report().changes
    assert changes is not None
    assert changes.first_difference.startswith("They part in step")
    assert "are rounded, that from neuron" in changes.first_difference
    text = str(chip.report())
    assert "bits, a scale for each projection" in text
    assert "Weights rounded to 0" in text
    assert chip.report().to_dict()["weights"]["bits"] == 1


def test_plastic_synapses_are_not_rounded_and_named() -> None:
    chip = Chip(**SMALL, weight_bits=1)
    sim.setup(timestep=1.0, hardware=chip)
    a, b = sim.Population(2, sim.SpikeSourcePoisson(rate=100.0)), sim.Population(2, sim.IF_curr_exp())
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(), weight_dependence=sim.AdditiveWeightDependence(w_max=2.0), weight=0.7
    )
    sim.Projection(a, b, sim.AllToAllConnector(), stdp, label="learning")
    sim.run(5.0)
    assert ("Weights not rounded", "1", "plastic projections: learning") in chip.report().rows()


# Each limit of each preset, broken by one.

FEW: dict[str, Any] = {"mesh": (2, 2), "crossbar": "64x16"}


@pytest.mark.parametrize(
    ("preset", "cell", "changed", "limit", "rule"),
    [
        ("truenorth", sim.IF_curr_exp, {}, "cells", "its neurons can be TrueNorthNeuron, not IF_curr_exp"),
        ("loihi", sim.IF_cond_exp, {}, "cells", "its neurons can be IF_curr_exp, IF_curr_delta"),
        ("truenorth", sim.TrueNorthNeuron, {"delay": 16.0}, "delays", "delays must lie in 1..15 steps of 1 ms, not 16"),
        ("truenorth", sim.TrueNorthNeuron, {"recurrent": 2}, "fan_out", "a neuron can have 1 tiles to send to, not 2"),
        ("dynapse", sim.IF_curr_exp, {"times": 129}, "fan_in", "a neuron can have 128 synapses, not 129"),
    ],
)
def test_each_limit_of_a_preset(preset: str, cell: Any, changed: dict[str, Any], limit: str, rule: str) -> None:
    def run(chip: Chip, *, more: bool) -> None:
        sim.setup(timestep=1.0, hardware=chip, hardware_mode="lock-step")
        what = changed if more else {}
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        size = 1 if "times" in changed else 17
        neurons = sim.Population(size, cell() if more or limit != "cells" else TAKEN[preset](), label="out")
        receptor = None if cell is not sim.TrueNorthNeuron else "type0"
        delay = what.get("delay", 15.0)
        times = what.get("times", 128 if "times" in changed else 1)
        for _ in range(times):
            synapse = sim.StaticSynapse(weight=1.0, delay=delay)
            sim.Projection(source, neurons, sim.OneToOneConnector(), synapse, receptor_type=receptor)
        if "recurrent" in changed:
            # The second tile has one neuron: who sends there and to its own tile sends to two.
            ends = [(0, j, 1.0, 1.0) for j in (range(17) if more else range(1))]
            sim.Projection(neurons, neurons, sim.FromListConnector(ends), sim.StaticSynapse(), receptor_type=receptor)
        sim.run(3.0)

    run(Chip.preset(preset, **FEW), more=False)
    with pytest.raises(MappingError) as error:
        run(Chip.preset(preset, **FEW), more=True)
    assert f"{preset}: {rule}" in str(error.value)
    assert f"relax what this chip cannot do: {limit}" in str(error.value)
    relaxed = Chip.preset(preset, **FEW, relax=limit)
    run(relaxed, more=True)
    assert len(relaxed.report().relaxed) == 1
    assert relaxed.report().relaxed[0].startswith(rule)
    assert relaxed.report().to_dict()["relaxed"] == list(relaxed.report().relaxed)


TAKEN = {"truenorth": sim.TrueNorthNeuron, "loihi": sim.IF_curr_exp}


def test_axons_elsewhere_of_loihi() -> None:
    def run(most: int) -> None:
        limits = {"axons_out": most}
        sim.setup(timestep=1.0, hardware=Chip.preset("loihi", mesh=(1, 2), crossbar="64x16", limits=limits))
        neurons = sim.Population(32, sim.IF_curr_exp())
        sim.Projection(neurons, neurons, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
        sim.run(2.0)

    run(16)
    with pytest.raises(MappingError, match="loihi: a tile can have 15 entries for axons elsewhere, not 16 as tile 0"):
        run(15)


def test_limits_hold_under_a_trace_and_on_chip() -> None:
    spikes(None)
    trace = sim.get_trace()
    with pytest.raises(MappingError, match=r"delays must lie in 1\.\.2 steps of 1 ms, not 3"):
        Chip(**SMALL, limits={"delays": [1, 2]}).replay(trace)
    assert Chip(**SMALL, limits={"delays": [1, 2]}, relax="delays").replay(trace).relaxed
    with pytest.raises(MappingError, match="its neurons can be IF_curr_delta, not IF_curr_exp"):
        spikes(Chip(**SMALL, engine="model", mode="on-chip", limits={"cells": ["IF_curr_delta"]}), mode="on-chip")
    with pytest.raises(MappingError, match="a tile can have 5 synapses, not"):
        spikes(Chip(**SMALL, engine="model", mode="on-chip", limits={"synapses": 5}), mode="on-chip")
    chip = Chip(**SMALL, engine="model", mode="on-chip", limits={"synapses": 5}, relax="synapses")
    spikes(chip, mode="on-chip")
    assert chip.report().relaxed[0].startswith("a tile can have 5 synapses")


SCRIPT = """
import synaptile.swsim as sim
sim.setup(timestep=1.0)
a = sim.Population(4, sim.SpikeSourcePoisson(rate=100.0))
b = sim.Population(4, sim.IF_cond_exp(), label="out")
sim.Projection(a, b, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=20.0))
sim.run(10.0)
"""


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "network.py"
    script.write_text(SCRIPT)
    command = ["run", str(script), "--chip", "truenorth", "--mesh", "2x2", "--mode", "lock-step", "--compare", "none"]
    assert main(command) == 2
    told = capsys.readouterr().err
    assert "truenorth: delays must lie in 1..15 steps of 1 ms, not 20" in told
    assert "relax what this chip cannot do: cells,delays" in told
    assert "Traceback" not in told
    assert main([*command, "--relax", "cells,delays", "--exact-weights", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert len(values["relaxed"]) == 2
    assert "weights" not in values
    assert values["config"]["relax"] == ["cells", "delays", "weights"] or values["config"]["relax"]["value"]
    wide = ["--limits-cells", "IF_cond_exp", "--limits-delays", "1..20", "--compute-barrier", "2.5", "--json"]
    assert main([*command, *wide]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["relaxed"] == []
    assert values["compute"]["steps"] == 11
    assert main([*command, "--limits-fan-in", "0"]) == 2
    assert "limits.fan_in: must lie in 1..2147483647, not 0" in capsys.readouterr().err
    assert main([*command, "--relax", "cell"]) == 2
    assert "relax: must be some of cells, delays" in capsys.readouterr().err
