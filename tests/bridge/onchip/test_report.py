"""What a conversion says about itself."""

import json
from typing import Any

import numpy as np
import pytest
from support.model_chip import ModelChip
from support.onchip_networks import Recipe, outcome

import synaptile.swsim as sim
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.onchip import ConversionReport
from synaptile.bridge.text_table import text_table


def report_of(
    cell: Any, wires: dict[str, Any], parameters: dict[str, Any], **config: Any
) -> tuple[ConversionReport, Any]:
    recipe = Recipe(cell, parameters, [[1]] * 3, wires, cells=4, steps=1)
    chip = ModelChip(ChipConfig(**{"mesh": (1, 1), "crossbar": "16x4", **config}))
    outcome(recipe, chip)
    return chip.report, chip.made


def test_the_errors_are_those_of_the_weights() -> None:
    given = {(0, 0): 0.9, (1, 0): 0.31, (2, 0): 0.002, (0, 1): 0.5}
    wires = {"excitatory": [(i, j, w, 1) for (i, j), w in given.items()]}
    report, made = report_of(sim.IF_curr_exp, wires, {"tau_m": 20.0}, weight_bits=4)
    image, gain = made.images[0], {}
    for neuron in (0, 1):
        id_ = neuron + 3
        axon = {pre: axon for axon, (pre, _) in made.axon_table(0).items()}
        for pre in range(3):
            whole = image.weights[axon[pre], made.slot[id_]] if pre in axon else 0
            gain[pre, neuron] = whole * 2.0**made.core.weight_shift / made.scale[id_]
    factor = gain[0, 1] / 0.5  # the largest weight is exact
    errors = [abs(gain[pair] / factor - weight) for pair, weight in given.items()]
    (projection,) = (one for one in report.projections if one.connections)
    assert projection.connections == 4
    assert projection.largest_weight == 0.9
    assert projection.largest_error == pytest.approx(max(errors))
    assert projection.rms_error == pytest.approx(np.sqrt(np.mean(np.square(errors))))
    assert projection.largest_error > 0.001
    assert projection.lost == 1
    assert not report.exact
    # All that the third source has became 0: there is no row of it, and it sends nothing.
    assert {pre for pre, _ in made.axon_table(0).values()} == {0, 1}
    assert np.diff(made.destinations.start)[:3].tolist() == [1, 1, 0]
    assert report.most_axons == 2


def test_time_constants_are_those_of_the_decays() -> None:
    wires = {"excitatory": [(0, 0, 0.9, 1)]}
    report, _ = report_of(sim.IF_curr_exp, wires, {"tau_m": [20.0, 20.0, 30.0, 1e6], "tau_syn_E": 3.0})
    (cells,) = report.populations
    asked, realised = cells.time_constants["tau_m"]
    assert asked == pytest.approx(1e6)
    assert realised == np.inf
    asked, realised = cells.time_constants["tau_syn"]
    assert asked == pytest.approx(3.0)
    assert realised == pytest.approx(-1 / np.log(np.rint(4096 * np.exp(-1 / 3)) / 4096))
    assert report.to_dict()["populations"][0]["time_constants"]["tau_m"]["realised"] is None


def test_saturation_is_foreseen() -> None:
    quiet, _ = report_of(sim.IF_curr_delta, {"excitatory": [(0, 0, 1.0, 1)]}, {"tau_m": 2.0})
    assert quiet.populations[0].may_saturate == 0
    wires = {"inhibitory": [(0, 1, -30.0, delay) for delay in range(1, 15)], "excitatory": [(0, 0, 1.0, 1)]}
    loud, _ = report_of(sim.IF_curr_delta, wires, {"tau_m": 2.0})
    assert loud.populations[0].may_saturate == 1


def test_the_table_and_the_dictionary() -> None:
    wires = {"excitatory": [(0, 0, 0.9, 1), (0, 0, 0.2, 1), (1, 1, 0.02, 1), (2, 1, 1.0, 1)]}
    report, _ = report_of(sim.IF_curr_exp, wires, {"tau_m": 20.0}, weight_bits=4)
    assert report.merged == 1
    assert json.loads(json.dumps(report.to_dict()))["merged"] == 1
    text = text_table("conversion", report.rows())
    assert "neurons on-chip" in text
    assert "4  current-lif, on 1 of 1 tiles" in text
    assert "3  for 4 connections" in text
    assert "weight error of sources to cells, excitatory" in text
    assert "1 of 4 became 0" in text
    assert "ms for 20 ms" in text


def test_whole_numbers_are_exact() -> None:
    wires = {"excitatory": [(0, 0, 9, 1), (1, 1, 3, 1)]}
    report, _ = report_of(sim.FixedPointLIF, wires, {"bits": 18})
    assert report.exact
    assert ("rounding errors", "none", "") in list(report.rows())
    assert report.to_dict()["exact"] is True
