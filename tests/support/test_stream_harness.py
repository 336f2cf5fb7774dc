"""The tests' own instruments: each must fail when it should."""

from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from support.stream_harness import run_streams, simulate
from support.stream_monitor import StreamMonitor

from synaptile.rtl.channel.fifo import StreamFIFO


class Flawed(wiring.Component):
    """A queue of one item with a flaw of choice at its output."""

    def __init__(self, flaw: str) -> None:
        self.flaw = flaw
        super().__init__({"enq": In(stream.Signature(8)), "deq": Out(stream.Signature(8))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.queue = queue = StreamFIFO(8, depth=1)
        cycle = Signal(2)
        m.d.sync += cycle.eq(cycle + 1)
        wiring.connect(m, wiring.flipped(self.enq), queue.enq)
        m.d.comb += [
            self.deq.valid.eq(queue.deq.valid),
            self.deq.payload.eq(queue.deq.payload),
            queue.deq.ready.eq(self.deq.ready),
        ]
        if self.flaw == "retracts":
            m.d.comb += self.deq.valid.eq(queue.deq.valid & cycle[0])
        elif self.flaw == "changes":
            m.d.comb += self.deq.payload.eq(queue.deq.payload ^ cycle)
        elif self.flaw == "loses":
            m.d.comb += self.deq.valid.eq(queue.deq.valid & (queue.deq.payload != 3))
        elif self.flaw == "repeats":
            m.d.comb += queue.deq.ready.eq(self.deq.ready & (cycle == 0))
        elif self.flaw == "follows an input":
            m.d.comb += self.deq.payload.eq(queue.deq.payload ^ self.enq.payload)
        return m


@pytest.mark.parametrize(
    ("flaw", "message"),
    [
        ("retracts", r"deq: valid retracted in cycle \d+ before 0x0 had passed"),
        ("changes", r"deq: payload changed from 0x\w+ to 0x\w+ in cycle \d+ while held"),
        ("loses", r"after 60 cycles \d of 6 items have come out"),
        ("repeats", r"7 items came out by cycle \d+, 6 expected"),
        ("follows an input", r"an output follows an input within cycle \d+"),
    ],
)
def test_a_flaw_is_caught_and_leaves_a_waveform(flaw: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=message) as failure:
        run_streams(
            lambda: Flawed(flaw),
            {"enq": [(0, value) for value in range(6)]},
            expected=6,
            waves=tmp_path,
            taking={"deq": [False, False, True] if flaw in ("retracts", "changes") else [True]},
            glitches=1,
            limit=60,
        )
    (vcd,) = tmp_path.glob("*.vcd")
    (save,) = tmp_path.glob("*.gtkw")
    assert failure.value.__notes__ == [f"waveform: {vcd}\nopen it with: gtkwave {save}"]
    text = vcd.read_text()
    for line in save.read_text().splitlines():
        if line.startswith("bench."):
            assert f" {line.split('.')[-1].split('[')[0]} " in text
    assert "deq__valid" in save.read_text()


def test_a_failure_that_does_not_repeat_says_so(tmp_path: Path) -> None:
    runs: list[int] = []

    async def bench(ctx: Any, queue: StreamFIFO) -> None:
        runs.append(1)
        await ctx.tick()
        assert len(runs) > 1

    with pytest.raises(AssertionError) as failure:
        simulate(lambda: StreamFIFO(8, depth=1), bench, waves=tmp_path)
    assert "did not repeat" in failure.value.__notes__[0]


def test_a_passing_bench_leaves_no_waveform(tmp_path: Path) -> None:
    passed = run_streams(lambda: StreamFIFO(8, depth=2), {"enq": [(3, 7)]}, expected=1, waves=tmp_path)
    assert passed == {"enq": [(3, 7)], "deq": [(4, 7)]}
    assert not list(tmp_path.iterdir())


def test_offers_to_a_stream_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"no such stream: \['in'\]"):
        run_streams(lambda: StreamFIFO(8, depth=2), {"in": []}, expected=0, waves=tmp_path)


def test_a_monitor_lists_what_passes() -> None:
    monitor = StreamMonitor("s")
    script = [(0, 0, 5), (1, 0, 6), (1, 1, 6), (1, 1, 7), (0, 1, 0)]
    assert [monitor.observe(cycle, *values) for cycle, values in enumerate(script)] == [False, False, True, True, False]
    assert monitor.passed == [(2, 6), (3, 7)]
