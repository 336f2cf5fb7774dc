# amaranth: UnusedElaboratable=no
"""An exported chip of cores does what Amaranth's simulator does, cycle by cycle, and what plain Python says."""

import random
from pathlib import Path
from typing import Any

import pytest
from support.core_chip import CoreChip, Event, network_for, random_chip
from support.core_verilog import amaranth_log, phases_of, verilog_log
from support.covering_array import covering
from support.effort import examples
from support.verilog_bench import require

from synaptile.rtl import NetworkParams
from synaptile.rtl.core.params import NEURONS, CoreParams

TICKS, READS = 12, 8
KINDS = [*NEURONS]


def case(index: int, network: NetworkParams) -> tuple[CoreChip, list[list[Event]], random.Random]:
    """A chip of a network, with other cores for each index, and what its host sends, tick by tick."""
    chance = random.Random(index)
    lanes = (1, 2, 4, 8, 16)[index % 5]
    neuron = KINDS[index % len(KINDS)]
    core = CoreParams(
        axons=(5, 8, 17)[index % 3],
        neurons=max(4, lanes, (6, 8)[index % 2] if lanes <= 2 else lanes),
        lanes=lanes,
        neuron=neuron,
        weight_bits=1 if neuron == "truenorth" else (4, 1, 8, 2)[index % 4],
        weight_shift=(0, 3)[index % 2],
        state_bits=(16, 12, 24)[index % 3],
        targets=40,
        refractory_bits=3,
        counter_bits=(0, 5)[index % 2],
        readback=bool(index % 2),
    )
    network = network.replace(flits_per_packet=1 + index % 3, stamp_bits=7 if index % 3 else 0, counter_bits=0)
    chip = random_chip(network_for(core, network), core, chance)
    addresses = chip.host_addresses()
    events = [
        [
            (chance.choice(addresses), chance.randrange(core.axons), chance.randint(1, 4))
            for _ in range(chance.choice([0, 3, 2 * len(addresses)]))
        ]
        for _ in range(TICKS)
    ]
    return chip, events, chance


def check(simulator: str, index: int, network: NetworkParams, folder: Path) -> None:
    """One chip, with a barrier between ticks, and then without; at the end some of its words are read."""
    require(simulator)
    chip, events, chance = case(index, network)
    ready = [True, *(chance.random() < 0.8 for _ in range(15))]
    phases = phases_of(chip, events[: TICKS // 2], None) + phases_of(chip, events[TICKS // 2 :], 23)
    reads = [*chip.reads(READS, chance)]
    phases += [{"tick": 0, "packets": packets, "cycles": None} for packets in ([], *([read] for read, _ in reads))]
    stimulus: dict[str, Any] = {"phases": phases, "ready": ready}
    expected = amaranth_log(chip, stimulus)
    memories = {path: len(words) for path, words in expected["memories"].items()}
    assert verilog_log(simulator, chip, stimulus, folder, memories=memories) == expected

    # As long as the chip waits for its ticks, it is what plain Python says.
    assert len(expected["cycles"]) == TICKS + 1 + READS
    end = sum(expected["cycles"][: TICKS // 2])
    heard = [payload for cycle, payload in expected["received"] if cycle < end]
    reports = [chip.report(*report) for tick in events[: TICKS // 2] for report in chip.tick(tick)[1]]
    assert sorted(heard) == sorted(reports)
    assert len(reports) >= 5
    if chip.core.readback:
        replies = [payload for _, payload in expected["received"][-READS:]]
        assert all(wanted in (None, reply) for (_, wanted), reply in zip(reads, replies, strict=True))
    # In ticks, a core that is behind refuses what would act too late; then, words that cannot be read.
    reading = sum(expected["cycles"][: TICKS + 1])
    unread = [cycle for cycle, _ in expected["refused"] if cycle >= reading]
    assert len(unread) == (0 if chip.core.readback else READS)


SMALL = [network.replace(rows=2, cols=2) if network.topology == "tree" else network for network in covering()]
CASES = [*enumerate(SMALL)]
FEW = [1, 2, 4, 13, 15]  # all topologies, neurons and numbers of lanes, with and without trees of several targets


@pytest.mark.usefixtures("simulators")
@pytest.mark.parametrize(
    ("index", "network"),
    examples([CASES[i] for i in FEW], CASES),
    ids=[f"{i}" for i in examples(FEW, range(len(CASES)))],
)
def test_icarus(index: int, network: NetworkParams, tmp_path: Path) -> None:
    check("icarus", index, network, tmp_path)


# Verilator compiles for longer than it runs.
@pytest.mark.usefixtures("simulators")
@pytest.mark.parametrize("index", examples([0], range(0, len(CASES), 4)))
def test_verilator(index: int, tmp_path: Path) -> None:
    check("verilator", *CASES[index], tmp_path)
