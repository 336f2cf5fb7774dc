"""Runs inside a Verilog simulator: plays a stimulus into an exported chip of cores and logs what comes out.

The stimulus is a JSON file named by ``SYNAPTILE_STIMULUS``: that of `support.core_host.CoreHost`, and

- ``entries``: of the routers' tables, [port, key, outputs], written first
- ``memories``: paths of memories below the top, each with the number of its words, to be read at the end
- ``log``: where to write the log, JSON too: that of the host, and ``memories`` by path
"""

import json
import os
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer
from support.core_host import CoreHost, Outputs

DIRTY_CYCLES = 12


@cocotb.test()
async def replay(dut: Any) -> None:
    """Play the stimulus; cycle 0 is the first after reset."""
    stimulus = json.loads(Path(os.environ["SYNAPTILE_STIMULUS"]).read_text())
    host = CoreHost(stimulus)
    inputs = {name: getattr(dut, name) for name in ("tick", "host_in__valid", "host_in__payload", "host_out__ready")}
    names = ("host_in__ready", "host_out__valid", "host_out__payload", "busy", "overrun", "refused", "error")
    outputs = [getattr(dut, name) for name in names]
    writers = {port: {part: getattr(dut, f"{port}__{part}") for part in ("valid", "key", "ports")}
               for port, _, _ in stimulus["entries"]}  # fmt: skip
    for signal in [*inputs.values(), *(part for writer in writers.values() for part in writer.values())]:
        signal.value = 0
    dut.rst.value = 0
    await Timer(1, unit="ns")  # the inputs are known before the first edge
    Clock(dut.clk, 10, unit="ns").start()
    await _fill_and_reset(dut, inputs, stimulus)

    for port, key, ports in stimulus["entries"]:
        writer = writers[port]
        writer["valid"].value, writer["key"].value, writer["ports"].value = 1, key, ports
        await RisingEdge(dut.clk)
        writer["valid"].value = 0

    for cycle in host.cycles():
        for signal, value in zip(inputs.values(), cycle, strict=True):
            signal.value = value
        await FallingEdge(dut.clk)  # by now all that is combinational has settled
        host.see(Outputs(*(int(signal.value) for signal in outputs)))
        await RisingEdge(dut.clk)
    await FallingEdge(dut.clk)
    memories = {path: _words(dut, path, words) for path, words in stimulus["memories"].items()}
    Path(stimulus["log"]).write_text(json.dumps(host.log | {"memories": memories}))


async def _fill_and_reset(dut: Any, inputs: dict[str, Any], stimulus: dict[str, Any]) -> None:
    """Have ticks begin and packets sent that are not waited for, then reset: nothing of them may be left."""
    dirty = stimulus["dirty"]
    inputs["tick"].value = 1
    inputs["host_in__valid"].value = 1
    for cycle in range(DIRTY_CYCLES):
        inputs["host_in__payload"].value = dirty[cycle % len(dirty)]
        await RisingEdge(dut.clk)
        inputs["tick"].value = 0
    await FallingEdge(dut.clk)
    assert int(dut.busy.value) == 1
    inputs["host_in__valid"].value = 0
    dut.rst.value = 1
    await RisingEdge(dut.clk)
    dut.rst.value = 0


def _words(dut: Any, path: str, words: int) -> list[int]:
    handle = dut
    for name in path.split("."):
        handle = getattr(handle, name)
    return [int(handle[word].value) for word in range(words)]
