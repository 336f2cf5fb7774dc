"""The lines of energy and time that people read."""

from typing import Any

import numpy as np
import pytest

from synaptile.bridge.config.energy_price import OperatingPoint
from synaptile.bridge.config.energy_table import EnergyTable
from synaptile.bridge.engines.base import Activity
from synaptile.bridge.metrics.core_work import CoreWork
from synaptile.bridge.metrics.energy import Circuit, EnergyReport, RunTime, energy_report
from synaptile.bridge.metrics.energy_rows import energy_rows, speed_row, without

STILL = Activity(1000, 1, 1, np.zeros((1, 5), np.int64), np.zeros((1, 5), np.int64), np.zeros(1, np.int64))


def report(work: CoreWork, time: RunTime, **terms: Any) -> EnergyReport:
    circuit = Circuit(OperatingPoint(1, "xy", 13), tiles=1)
    return energy_report(EnergyTable(name="t", **terms), STILL, work, circuit, time)


def test_every_line() -> None:
    spike = {"value": 2e6, "deviation": 1e5, "source": "bench", "evidence": "measured"}
    queue = {"by_depth": {"2": 1, "4": 2}}
    found = report(
        CoreWork(synaptic_events=0, spikes=10, neuron_updates=3),
        RunTime(1e-3, 2.0, steps=4, inferences=5),
        spike=spike,
        tile_mw=3,
        queue_mw=queue,
    )
    assert energy_rows(found) == [
        ("Energy (t: measured, unstated)", "23.0 ± 1.0", "µJ"),
        ("Energy, dynamic", "20.0 ± 1.0", "µJ"),
        ("Energy, leakage", "3.00", "µJ"),
        ("Not in this energy", "1", "neuron updates: no number in the table"),
        ("Not in this energy", "1", "leakage of queues: numbers are for queues of 2 to 4 flits, not of 1"),
        ("Energy, note", "", "numbers of flits of 32 bits, charged as they are for 13"),
        ("Mean power in chip time", "23.0", "mW"),
        ("Leakage at real time", "6.00", "mJ, not in this energy"),
        ("Energy per synaptic event", "–", "no synaptic events"),
        ("Energy per spike", "2.30", "µJ"),
        ("Energy per step", "5.75", "µJ"),
        ("Energy per inference", "4.60", "µJ"),
    ]
    assert without(found)[0] == ("no number in the table", ["neuron updates"])


def test_no_numbers() -> None:
    assert energy_rows(report(CoreWork(spikes=1), RunTime(1.0, 1.0))) == [("Energy (t)", "no numbers", "")]


@pytest.mark.parametrize(
    ("speedup", "text"),
    [(1562.5, "1,562 × faster"), (1.0, "1 × as fast"), (0.004, "250 × slower"), (None, "– × faster")],
)
def test_speed(speedup: float | None, text: str) -> None:
    label, *rest = speed_row(speedup)
    assert (label, " ".join(rest)) == ("Chip, against real time", text)
