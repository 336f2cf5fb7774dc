"""Runs inside a Verilog simulator: programs an exported chip of cores, resets it, plays a stimulus, and logs.

The stimulus is a JSON file named by ``SYNAPTILE_STIMULUS``: that of `support.chip_script.ScriptedHost`, and

- ``entries``: of the routers' tables, [port, key, outputs], written before anything else
- ``program``: packets of the host that are sent first
- ``memories``: by a name, the paths of memories below the top and the number of their words, to be read at the end
- ``log``: where to write the log, JSON too: that of the host, and the words of ``memories`` by name
"""

import json
import os
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer
from support.chip_script import Inputs, Outputs, ScriptedHost

INPUTS = ("tick", "host_in_valid", "host_in_payload", "host_out_ready")
OUTPUTS = ("host_in_ready", "host_out_valid", "host_out_payload", "busy", "overrun", "refused", "error")


@cocotb.test()
async def replay(dut: Any) -> None:
    """Play the stimulus; cycle 0 is the first after programming and reset."""
    stimulus = json.loads(Path(os.environ["SYNAPTILE_STIMULUS"]).read_text())
    for name in INPUTS:
        getattr(dut, name).value = 0
    for port in {port for port, _, _ in stimulus["entries"]}:
        getattr(dut, f"{port}_valid").value = 0
    dut.rst.value = 0
    await Timer(1, unit="ns")  # the inputs are known before the first edge
    Clock(dut.clk, 10, unit="ns").start()
    await RisingEdge(dut.clk)
    await _write_tables(dut, stimulus["entries"])
    programming = ScriptedHost({"phases": [{"tick": 0, "packets": stimulus["program"], "cycles": None}], "ready": [1]})
    await _play(dut, programming)
    assert len(programming.log["sent"]) == len(stimulus["program"])
    for name in ("received", "overrun", "refused", "error"):
        assert not programming.log[name], f"{name} while programming: {programming.log[name][:5]}"
    await _play(
        dut, ScriptedHost({"phases": [{"tick": 0, "packets": stimulus["stale"], "cycles": None}], "ready": [1]})
    )
    await _fill_and_reset(dut, stimulus["program"])

    await _write_tables(dut, stimulus["entries"])
    host = ScriptedHost(stimulus)
    await _play(dut, host)
    await FallingEdge(dut.clk)
    memories = {name: _words(dut, path, words) for name, (path, words) in stimulus["memories"].items()}
    Path(stimulus["log"]).write_text(json.dumps(host.log | {"memories": memories}))


async def _play(dut: Any, host: ScriptedHost) -> None:
    """Do what a host does, from the present cycle to its end."""
    inputs = [getattr(dut, name) for name in INPUTS]
    outputs = [getattr(dut, name) for name in OUTPUTS]
    last = Inputs(-1, -1, -1, -1)
    for cycle in host.cycles():
        for signal, value, before in zip(inputs, cycle, last, strict=True):
            if value != before:
                signal.value = value
        last = cycle
        await FallingEdge(dut.clk)  # by now all that is combinational has settled
        host.see(Outputs(*(int(signal.value) for signal in outputs)))
        await RisingEdge(dut.clk)


async def _write_tables(dut: Any, entries: list[tuple[str, int, int]]) -> None:
    for port, key, ports in entries:
        for part, value in (("valid", 1), ("key", key), ("ports", ports)):
            getattr(dut, f"{port}_{part}").value = value
        await RisingEdge(dut.clk)
        getattr(dut, f"{port}_valid").value = 0


async def _fill_and_reset(dut: Any, packets: list[int]) -> None:
    """Send packets that are not waited for, of those that change nothing, then reset: nothing of them may be left."""
    dut.host_in_valid.value = 1
    for packet in packets[:6]:
        dut.host_in_payload.value = packet
        await RisingEdge(dut.clk)
    await FallingEdge(dut.clk)
    assert int(dut.busy.value) == 1
    dut.host_in_valid.value = 0
    dut.rst.value = 1
    await RisingEdge(dut.clk)
    dut.rst.value = 0
    for _ in range(2):
        await RisingEdge(dut.clk)
    await FallingEdge(dut.clk)
    assert int(dut.busy.value) == 1  # memories are being emptied
    while int(dut.busy.value):
        await FallingEdge(dut.clk)
    await RisingEdge(dut.clk)


def _words(dut: Any, path: str, words: int) -> list[int]:
    handle = dut
    for name in path.split("."):
        handle = getattr(handle, name)
    return [int(handle[word].value) for word in range(words)]
