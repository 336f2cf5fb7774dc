"""Runs inside a Verilog simulator: plays a stimulus into an exported chip and logs what comes out.

The stimulus is a JSON file named by ``SYNAPTILE_STIMULUS``:

- ``cycles``: how many cycles to run
- ``offers``: for each tile, the [cycle, word] of every spike: when it is created, and its packed payload
- ``ready``: for each tile, whether it takes an arrival in cycle 0, 1, ..., repeated for ever
- ``entries``: of the tables, [node, 1 if it is the hub's, key, outputs], written before cycle 0
- ``counters``: names of ports to be read at the end
- ``log``: where to write the log, JSON too

The log holds ``injected`` (for each tile, the cycles in which its spikes were taken), ``arrivals`` ([tile, cycle, word]
of every flit) and ``counters``.
"""

import json
import os
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

DIRTY_CYCLES = 12


@cocotb.test()
async def replay(dut: Any) -> None:
    """Play the stimulus; cycle 0 is the first after reset."""
    stimulus = json.loads(Path(os.environ["SYNAPTILE_STIMULUS"]).read_text())
    offers, ready = stimulus["offers"], stimulus["ready"]
    tiles = range(len(offers))
    spikes = [_stream(dut, "spikes", tile) for tile in tiles]
    arrivals = [_stream(dut, "arrivals", tile) for tile in tiles]
    for tile in tiles:
        spikes[tile]["valid"].value = 0
        spikes[tile]["payload"].value = 0
        arrivals[tile]["ready"].value = 0
    for name in {_writer(node, hub) for node, hub, _, _ in stimulus["entries"]}:
        for part in ("valid", "key", "ports"):
            getattr(dut, f"{name}_{part}").value = 0
    dut.rst.value = 0
    await Timer(1, unit="ns")  # the inputs are known before the first edge
    Clock(dut.clk, 10, unit="ns").start()
    await _fill_and_reset(dut, spikes, offers)

    for node, hub, key, ports in stimulus["entries"]:
        entry = {part: getattr(dut, f"{_writer(node, hub)}_{part}") for part in ("valid", "key", "ports")}
        entry["valid"].value, entry["key"].value, entry["ports"].value = 1, key, ports
        await RisingEdge(dut.clk)
        entry["valid"].value = 0

    at = [0 for _ in tiles]
    log: dict[str, Any] = {"injected": [[] for _ in tiles], "arrivals": [], "counters": {}}
    for cycle in range(stimulus["cycles"]):
        offering = [at[tile] < len(offers[tile]) and offers[tile][at[tile]][0] <= cycle for tile in tiles]
        for tile in tiles:
            spikes[tile]["valid"].value = int(offering[tile])
            if offering[tile]:
                spikes[tile]["payload"].value = offers[tile][at[tile]][1]
            arrivals[tile]["ready"].value = int(ready[tile][cycle % len(ready[tile])])
        await FallingEdge(dut.clk)  # by now all that is combinational has settled
        for tile in tiles:
            if offering[tile] and int(spikes[tile]["ready"].value):
                log["injected"][tile].append(cycle)
                at[tile] += 1
            if ready[tile][cycle % len(ready[tile])] and int(arrivals[tile]["valid"].value):
                log["arrivals"].append([tile, cycle, int(arrivals[tile]["payload"].value)])
        await RisingEdge(dut.clk)
    await FallingEdge(dut.clk)
    log["busy"] = int(dut.busy.value)
    log["counters"] = {name: int(getattr(dut, name).value) for name in stimulus["counters"]}
    Path(stimulus["log"]).write_text(json.dumps(log))


def _writer(node: int, hub: int) -> str:
    """The port that writes a table."""
    return f"{'hub_' if hub else ''}configure_{node}"


async def _fill_and_reset(dut: Any, spikes: list[dict[str, Any]], offers: list[Any]) -> None:
    """Put packets into the chip that nobody takes, then reset: nothing of them may be left."""
    for stream, items in zip(spikes, offers, strict=True):
        if items:
            stream["valid"].value = 1
            stream["payload"].value = items[0][1]
    for _ in range(DIRTY_CYCLES):
        await RisingEdge(dut.clk)
    await FallingEdge(dut.clk)
    assert bool(int(dut.busy.value)) == any(offers)
    for stream in spikes:
        stream["valid"].value = 0
    dut.rst.value = 1
    await RisingEdge(dut.clk)
    dut.rst.value = 0


def _stream(dut: Any, name: str, tile: int) -> dict[str, Any]:
    return {part: getattr(dut, f"{name}_{tile}_{part}") for part in ("valid", "ready", "payload")}
