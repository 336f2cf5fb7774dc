from dataclasses import replace

import pytest
from support.fake_runs import imagined, random_trace

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.report import tables
from synaptile.bridge.run import ChipRun


@pytest.fixture(scope="module")
def run() -> ChipRun:
    return imagined(random_trace(), ChipConfig.preset("demo"), partition="auto")


def test_a_setting_in_a_block_has_the_block_s_name() -> None:
    rows = {row.key: row for row in tables.configuration(ChipConfig(crossbar="32x6", clock_hz=1e6))}
    assert (rows["crossbar.axons"].value, rows["crossbar.neurons"].value) == ("32", "6")
    assert (rows["clock_hz"].value, rows["clock_hz"].unit) == ("1,000,000", "Hz")
    assert not {"name", "description", "energy"} & rows.keys()


def test_static_energy_counts_routers_and_cycles(run: ChipRun) -> None:
    row = next(row for row in tables.energy(run) if row.term == "static_mw")
    assert row.number.endswith(" mW")
    assert row.times == f"{run.activity.routers:,} routers, {run.activity.cycles:,} cycles"


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
