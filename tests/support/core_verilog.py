"""Runs an exported chip of cores under a Verilog simulator, and the same in Amaranth's, with logs to be compared."""

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import ClockDomain, Module, Value
from amaranth.sim import Simulator
from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner
from support.chip_script import Outputs, ScriptedHost
from support.core_bench import load
from support.core_chip import CoreChip, Event

from synaptile.bridge.engines.ledger import entries_of
from synaptile.rtl.core.block_ram import BlockRam
from synaptile.rtl.core_mesh import CoreMesh
from synaptile.rtl.export import export_core_chip

__all__ = ["Log", "amaranth_log", "phases_of", "verilog_log"]

TOP = "synaptile_chip"

Log = dict[str, Any]
"""That of `ScriptedHost`, and the words of the cores' ``memories`` by path, after the last phase."""


def phases_of(chip: CoreChip, events: list[list[Event]], cycles: int | None) -> list[dict[str, Any]]:
    """A phase for each tick, with the events that the host sends in it."""
    return [{"tick": 1, "packets": [chip.event(one) for one in tick], "cycles": cycles} for tick in events]


def amaranth_log(chip: CoreChip, stimulus: dict[str, Any]) -> Log:
    """The log of Amaranth's simulator, which has the memories filled and not programmed."""
    mesh = CoreMesh(chip.network, chip.core, host_tile=chip.host_tile, host_key=chip.host_key)
    host = ScriptedHost(stimulus)
    log: Log = {}

    async def bench(ctx: Any) -> None:
        for tile, twin in zip(mesh.tiles, chip.twins, strict=True):
            load(ctx, tile.core, twin)
        for node, hub, key, ports in entries_of(chip.table, chip.network):
            entry = (mesh.hub_configure if hub else mesh.configure)[node]
            ctx.set(entry.valid, 1)
            ctx.set(entry.key, key)
            ctx.set(Value.cast(entry.ports), ports)
            await ctx.tick()
            ctx.set(entry.valid, 0)
        inputs = [mesh.tick, mesh.host_in.valid, Value.cast(mesh.host_in.payload), mesh.host_out.ready]
        outputs = [mesh.host_in.ready, mesh.host_out.valid, Value.cast(mesh.host_out.payload)]
        outputs += [mesh.busy, mesh.overrun, mesh.refused, mesh.error]
        for cycle in host.cycles():
            for signal, value in zip(inputs, cycle, strict=True):
                ctx.set(signal, value)
            host.see(Outputs(*(ctx.get(signal) for signal in outputs)))
            await ctx.tick()
        memories = {}
        for path, memory in _memories(mesh):
            storage = memory.storage
            memories[path] = [ctx.get(Value.cast(storage.data[word])) for word in range(storage.depth)]
        log.update(host.log | {"memories": memories})

    top = Module()
    top.domains.sync = ClockDomain()
    top.submodules.chip = mesh
    simulator = Simulator(top)
    simulator.add_clock(1e-8)
    simulator.add_testbench(bench)
    simulator.run()
    return log


def verilog_log(
    simulator: str,
    chip: CoreChip,
    stimulus: dict[str, Any],
    folder: Path,
    *,
    memories: dict[str, int],
    sources_of: Callable[[Path], list[Path]] = lambda source: [source],
) -> Log:
    """The log of the exported Verilog under a Verilog simulator, programmed through its network and then reset.

    ``memories`` are those to be read, with their words. ``sources_of`` gives the files that are simulated instead of
    the exported one, such as those of a netlist of it.
    """
    text = export_core_chip(chip.network, chip.core, host_tile=chip.host_tile, host_key=chip.host_key, name=TOP)
    source = folder / f"{TOP}.v"
    source.write_text(text)
    program = chip.program()
    entries = [
        (f"{'hub_' if hub else ''}configure_{node}", key, ports)
        for node, hub, key, ports in entries_of(chip.table, chip.network)
    ]
    log = folder / "log.json"
    whole = stimulus | {
        "program": random.Random(1).sample(program, len(program)),
        # Events that would act after the reset, if anything were left of them.
        "stale": [
            chip.event((address, axon, delay))
            for address in chip.host_addresses()
            for axon in range(chip.core.axons)
            for delay in (1, 2, 3)
        ],
        "entries": entries,
        "memories": {path: [_instances(path, text), words] for path, words in memories.items()},
        "log": str(log),
    }
    path = folder / "stimulus.json"
    path.write_text(json.dumps(whole))
    _run(simulator, sources_of(source), path, folder)
    found = json.loads(log.read_text())
    assert isinstance(found, dict)
    return found


def _memories(mesh: CoreMesh) -> Iterator[tuple[str, BlockRam]]:
    """Paths, and the memories of the cores that are programmed."""
    for number, tile in enumerate(mesh.tiles):
        core = tile.core
        yield f"tile_{number}.core.synapses.weights.storage", core.synapses.weights
        yield f"tile_{number}.core.sender.firsts.storage", core.sender.firsts
        yield f"tile_{number}.core.sender.entries.storage", core.sender.entries
        for name, memory in core.neurons.memories.items():
            yield f"tile_{number}.core.neurons.{name}.storage", memory


def _instances(path: str, text: str) -> str:
    """A path in Amaranth as one in the Verilog, where an instance is called otherwise if a signal has its name."""
    tile, *parts, last, array = path.split(".")
    module = "_".join([TOP, "core_tile", *parts, last])
    instance = re.search(rf"^  {module} (\w+) \(", text, re.MULTILINE)
    assert instance is not None, path
    return ".".join([tile, *parts, instance[1], array])


def _run(simulator: str, sources: list[Path], stimulus: Path, folder: Path) -> None:
    """Build the chip and run `core_bench` in it; a failure shows the end of the simulator's log."""
    runner = get_runner(simulator)
    arguments = []
    if simulator == "verilator":
        arguments = ["-Wno-fatal", "--output-groups", "1", "--output-split", "0", "--public-flat-rw"]
    log = folder / "build.log"
    try:
        runner.build(
            sources=sources,
            hdl_toplevel=TOP,
            build_dir=folder / "build",
            build_args=arguments,
            timescale=("1ns", "1ps"),
            log_file=log,
        )
        log = folder / "test.log"
        results = runner.test(
            test_module="core_bench",
            hdl_toplevel=TOP,
            build_dir=folder / "build",
            test_dir=folder,
            extra_env={"SYNAPTILE_STIMULUS": str(stimulus)},
            log_file=log,
        )
    except (RuntimeError, SystemExit) as error:
        pytest.fail(f"{simulator}: {error}; {log} ends with\n{log.read_text()[-4000:]}")
    if get_results(results) != (1, 0):
        pytest.fail(f"{simulator}: the bench failed; {log} ends with\n{log.read_text()[-4000:]}")
