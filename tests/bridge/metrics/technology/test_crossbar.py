"""Crossbars by hand: events times numbers, to the last digit, nothing twice, and what is not known in words."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.config.energy_price import OperatingPoint
from synaptile.bridge.config.energy_table import EnergyTable
from synaptile.bridge.config.technology import Technology
from synaptile.bridge.engines.base import Activity
from synaptile.bridge.metrics.core_work import CoreWork
from synaptile.bridge.metrics.energy import Circuit, EnergyReport, RunTime, energy_report
from synaptile.bridge.metrics.energy_rows import energy_rows
from synaptile.bridge.metrics.technology.crossbar import Crossbar

CIRCUIT = Circuit(OperatingPoint(buffer_depth=4, routing="xy", flit_bits=32), tiles=3)
TIME = RunTime(chip_s=1e-3, network_s=2.0, steps=10)
WORK = CoreWork(synaptic_events=11, spikes=13, neuron_updates=17, row_reads=7)


def still() -> Activity:

    none = np.zeros((3, 5), np.int64)
    return Activity(1000, 1, 3, none, none, np.zeros(3, np.int64))


def charge(
    terms: dict[str, Any],
    *,
    energy: dict[str, Any] | None = None,
    work: CoreWork = WORK,
    time: RunTime = TIME,
    cells: int | None = 4,
    changes: int | None = 5,
    most: int | None = 3,
) -> EnergyReport:
    crossbar = Crossbar(
        Technology(name="t", **terms),
        cells_per_weight=cells,
        tiles=3,
        crosspoints=3 * 8 * 16,
        weights=100,
        most_weights=60,
        changes=changes,
        most_changes=most,
    )
    table = EnergyTable(name="e", **({} if energy is None else energy))
    return energy_report(table, still(), work, CIRCUIT, time, crossbar=crossbar)


def test_reads_by_the_weight_and_by_the_row() -> None:
    found = charge({"synaptic_read": 0.3, "row_read": 0.7, "weight_change": 1.1})
    assert found.dynamic_pj == {"synaptic_read": 11 * 0.3, "row_read": 7 * 0.7, "weight_change": 5 * 1.1}
    assert found.events == {"synaptic_read": 11, "row_read": 7, "weight_change": 5}
    assert found.total_dynamic_pj == 11 * 0.3 + 7 * 0.7 + 5 * 1.1


def test_reads_and_changes_by_the_cell() -> None:
    found = charge({"cell_read": 0.3, "cell_write": 0.9, "row_read": 0})
    assert found.dynamic_pj == {"cell_read": 44 * 0.3, "row_read": 0.0, "cell_write": 20 * 0.9}
    assert found.events == {"cell_read": 44, "row_read": 7, "cell_write": 20}
    # A change has a number of its own, or is a write of the weight.
    assert charge({"cell_write": 0.9, "weight_change": 2}).dynamic_pj == {"weight_change": 10.0}
    assert charge({"weight_write": 3}).dynamic_pj == {"weight_write": 15.0}


def test_leakage_of_cells_and_of_crossbars() -> None:
    found = charge({"cell_nw": 0.25})
    assert found.leakage_pj == {"cell_nw": 0.25 * (3 * 8 * 16 * 4) * 1e-3 * 1e3}  # nW for 1 ms are 1e-12 J
    assert found.leakage_at_real_time_pj == {"cell_nw": 0.25 * (3 * 8 * 16 * 4) * 2.0 * 1e3}
    assert charge({"crossbar_mw": 2}).leakage_pj == {"crossbar_mw": 2 * 3 * 1e-3 * 1e9}
    unknown = charge({"crossbar_mw": 2}, time=RunTime(None, 2.0))
    assert unknown.not_in_total["crossbar_mw"] == "the engine has no cycles"


def test_reads_take_the_place_of_synaptic_events() -> None:
    energy = {"synaptic_event": 23.6, "spike": 2}
    found = charge({"cell_read": 2, "row_read": 1}, energy=energy)
    assert found.dynamic_pj == {"spike": 26.0, "cell_read": 88.0, "row_read": 7.0}
    assert "synaptic events: reads of t, in place of the energy table's 23.6 pJ each" in found.notes
    assert "synaptic_event" not in {**found.evidence, **found.not_in_total}
    # Without a number for any read they are the table's, or missing.
    assert charge({"cell_write": 2}, energy=energy).dynamic_pj["synaptic_event"] == 11 * 23.6
    assert charge({"cell_write": 2}).not_in_total["synaptic_event"] == "no number in the table"
    assert "synaptic_event" not in charge({"row_read": 2}).not_in_total


def test_what_is_not_known_is_in_words_and_never_zero() -> None:
    found = charge({"row_read": 2}, changes=None, most=None)
    assert found.dynamic_pj == {"row_read": 14.0}
    missing = {term: why for term, why in found.not_in_total.items() if why != "no number in the table"}
    assert missing == {
        "cell_read": "no number in the technology",
        "cell_nw": "no number in the technology",
        "weight_change": "which synapses are plastic is not known",
    }
    found = charge({"cell_read": 2, "row_read": 2, "cell_nw": 1}, cells=None, work=CoreWork(synaptic_events=3))
    assert found.dynamic_pj == {}
    assert found.not_in_total["row_read"] == "which rows were read is not known"
    assert found.not_in_total["cell_read"] == found.not_in_total["cell_nw"] == "the cells of a weight are not known"
    # What did not happen is not missing, nor what leaks in a number of the energy table.
    quiet = charge({"cell_read": 2}, work=CoreWork(row_reads=0), changes=0, most=0, energy={"tile_mw": 1})
    assert not {"cell_read", "row_read", "weight_change", "cell_nw"} & quiet.not_in_total.keys()
    assert ("Not in this energy", "1", "leakage of crossbars: no number in the technology") in energy_rows(
        charge({"row_read": 1, "synaptic_read": 0, "weight_change": 0})
    )


def test_programming_is_told_apart() -> None:
    found = charge({"cell_write": 0.5, "weight_write_ns": 20, "endurance": 4})
    assert found.crossbar is not None
    assert found.crossbar.energy_pj == 100 * 4 * 0.5
    assert found.crossbar.seconds == 60 * 20 * 1e-9
    assert found.dynamic_pj == {"cell_write": 5 * 4 * 0.5}
    assert found.to_dict()["programming"] == found.crossbar.to_dict()
    assert charge({"weight_write": 3}).crossbar.energy_pj == 300.0  # type: ignore[union-attr]
    rows = energy_rows(found)
    assert ("Programming (t: unstated)", "200", "pJ, 100 weights once, not in this energy") in rows
    assert ("Programming, time", "1.20", "µs") in rows
    for terms, cells, why in (
        ({"cell_write": 1}, None, "the cells of a weight are not known"),
        ({"weight_change": 1}, 4, "no number in the technology"),
    ):
        unknown = charge(terms, cells=cells)
        assert unknown.crossbar is not None
        assert unknown.crossbar.energy_pj is None
        assert ("Programming (t: ", "–", f"100 weights: {why}") in [
            (label[:16], value, unit) for label, value, unit in energy_rows(unknown)
        ]


@pytest.mark.parametrize(
    ("endurance", "most", "text"),
    [
        (None, 3, ("4", "endurance is not known")),
        (4, 3, ("4", "of the 4 that it endures")),
        (3.5, 3, ("4", "WORN OUT: it endures 4")),
        (3, 3, ("4", "WORN OUT: it endures 3")),
        (1e5, None, ("–", "not known, as those by plasticity")),
    ],
)
def test_wear(endurance: float | None, most: int | None, text: tuple[str, str]) -> None:
    found = charge({"endurance": endurance}, changes=None if most is None else 9, most=most).crossbar
    assert found is not None
    assert ("Writes of a cell, most", *text) in found.rows()
    known = endurance is not None and most is not None
    assert found.worn_out is (most + 1 > endurance if known else None)  # type: ignore[operator]


def test_without_a_technology_nothing_is_said_of_it() -> None:
    found = energy_report(EnergyTable(name="e", spike=1), still(), WORK, CIRCUIT, TIME)
    assert found.crossbar is None
    assert "programming" not in found.to_dict()
    assert not [row for row in energy_rows(found) if "rogramming" in row[0] or "cell" in row[0]]


@given(st.data())
@settings(max_examples=examples(40, 500), deadline=None)
def test_energy_is_events_times_the_table(data: st.DataObject) -> None:
    """Against the rules put down once more."""
    number = st.floats(0, 1e6, allow_nan=False)
    count = st.integers(0, 10**9)
    terms = {
        name: data.draw(number)
        for name in (
            "row_read",
            "weight_change",
            "cell_nw",
            *data.draw(st.sampled_from(("synaptic_read", "cell_read"))).split(),
        )
        if data.draw(st.booleans())
    }
    events, rows, changes, cells = (data.draw(count) for _ in range(4))
    found = charge(terms, work=CoreWork(events, row_reads=rows), cells=cells, changes=changes)
    expected = {
        "synaptic_read": events,
        "cell_read": events * cells,
        "row_read": rows,
        "weight_change": changes,
    }
    assert found.dynamic_pj == {name: expected[name] * terms[name] for name in expected if name in terms}
    assert found.leakage_pj == {
        name: terms[name] * (384 * cells) * 1e-3 * 1e3 for name in ("cell_nw",) if name in terms
    }
    assert all(found.events[name] == expected[name] for name in expected if name in terms)
