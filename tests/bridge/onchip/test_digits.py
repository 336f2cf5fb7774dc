"""The demonstration's digits in whole numbers: accuracy beside that of the software."""

from typing import Any

import numpy as np
from support.model_chip import ModelChip

import synaptile.swsim as sim
from synaptile.bridge.apps.digits import DigitsNetwork, train
from synaptile.bridge.config import ChipConfig


def test_accuracy_is_within_a_point_of_the_software() -> None:
    digits = train(0)

    def predicted(hardware: Any = None) -> np.ndarray:
        sim.setup(timestep=1.0, hardware=hardware)
        network = DigitsNetwork(sim, digits, len(digits.labels))
        sim.run(network.duration)
        return network.predictions()

    software = predicted()
    accuracy = 100 * np.mean(software == digits.labels)
    chip = ModelChip(ChipConfig(mesh=(2, 2), crossbar="128x32", weight_bits=8))
    whole = predicted(chip)
    assert accuracy > 95
    assert abs(100 * np.mean(whole == digits.labels) - accuracy) <= 1
    assert np.mean(whole == software) > 0.98
    assert chip.made.core.state_bits == 18
    assert chip.report.tiles_used == 2
