from dataclasses import replace

import pytest
from support.fake_runs import imagined, random_trace

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.config.energy_terms import EVENTS
from synaptile.bridge.report import tables
from synaptile.bridge.run import ChipRun
from synaptile.bridge.si_text import si_text


@pytest.fixture(scope="module")
def run() -> ChipRun:
    return imagined(random_trace(), ChipConfig.preset("demo"), partition="auto")


def test_a_setting_in_a_block_has_the_block_s_name() -> None:
    rows = {row.key: row for row in tables.configuration(ChipConfig(crossbar="32x6", clock_hz=1e6))}
    assert (rows["crossbar.axons"].value, rows["crossbar.neurons"].value) == ("32", "6")
    assert (rows["clock_hz"].value, rows["clock_hz"].unit) == ("1,000,000", "Hz")
    assert not {"name", "description", "energy"} & rows.keys()


def test_leakage_counts_what_leaks_and_the_time(run: ChipRun) -> None:
    row = next(row for row in tables.energy(run) if row.term == "queue_mw")
    assert row.number == "2.27 mW"
    time = " ".join(si_text(run.activity.cycles / run.config.clock_hz, "s"))
    assert row.times == f"{run.activity.routers * 5:,} in {time}"


def test_what_is_not_charged_has_no_sum() -> None:
    shallow = imagined(random_trace(), ChipConfig.preset("demo", buffer_depth=1))
    row = next(row for row in tables.energy(shallow) if row.term == "buffer_write")
    assert (row.number, row.times, row.spent) == ("–", "–", "–")
    why = "numbers are for queues of 2 to 64 flits, not of 1"
    assert ("buffer_write", EVENTS["buffer_write"], why) in tables.missing_energy(shallow)


def test_a_deviation_is_shown() -> None:
    spike = {"value": 1e6, "deviation": 1e5, "source": "bench", "evidence": "measured"}
    run = imagined(random_trace(), ChipConfig(energy={"name": "t", "spike": spike}))
    (row,) = tables.energy(run)
    assert row.spent == " ".join(si_text(run.trace.spikes * 1e-6, "J", deviation=run.trace.spikes * 1e-7))


def test_populations_of_a_run_without_time_have_no_rate() -> None:
    silent = imagined(random_trace((3, 0), steps=0, synapses=0), ChipConfig(mesh="1x1"))
    assert [(row.neurons, row.spikes, row.rate, row.tiles) for row in tables.populations(silent)] == [
        ("3", "0", "–", "1"),
        ("0", "0", "–", "0"),
    ]


def test_the_mapping_names_what_was_tried_and_taken(run: ChipRun) -> None:
    rows = tables.mapping(run)
    partition = run.mapping_report.partition
    taken = [what for what, _, remark in rows if remark == "taken"]
    assert taken == [f"Partition, {partition.method}", "Placement, in-order"]
    failed = replace(partition, failures={"km1": "no room"})
    rows = tables.mapping(replace(run, mapping_report=replace(run.mapping_report, partition=failed)))
    assert ("Partition, km1", "found none that fits", "no room") in rows
    optimised = replace(run.mapping_report.placement, method="optimised")
    rows = tables.mapping(replace(run, mapping_report=replace(run.mapping_report, placement=optimised)))
    assert [row for row in rows if row[2] == "for comparison"] == [
        ("Placement, in-order", f"{optimised.in_order_cost:,} packet hops", "for comparison")
    ]


def test_long_meta_is_cut(run: ChipRun) -> None:
    trace = replace(run.trace, meta={"note": "x" * 400, "numbers": [1, 2]})
    rows = dict(tables.provenance_of_run(replace(run, trace=trace, mode="lock-step"), {"numpy": "2"}))
    assert rows["Network: note"] == "x" * 299 + "…"
    assert rows["Network: numbers"] == "[1, 2]"
    assert rows["Mode"] == "lock-step (the network felt the chip's delays)"
    assert rows["Versions"] == "numpy\N{NO-BREAK SPACE}2"
