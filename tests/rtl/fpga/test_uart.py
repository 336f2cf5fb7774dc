# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.stream_harness import simulate

from synaptile.rtl.fpga.uart import BitClock, UartReceiver, UartTransmitter

RATES = [(4e6, 1e6), (50e6, 3e6), (60e6, 3e6), (48e6, 3e6), (25e6, 3e6), (12e6, 115_200)]


class Line(wiring.Component):
    """A transmitter, the line, and a receiver whose clock is a little faster or slower."""

    def __init__(self, clock_hz: float, baud: float, slower: float = 0.0) -> None:
        self.transmitter = UartTransmitter(clock_hz=clock_hz, baud=baud)
        self.receiver = UartReceiver(clock_hz=clock_hz * (1 + slower), baud=baud)
        super().__init__(
            {"data": In(stream.Signature(8)), "cut": In(1), "got": Out(8), "valid": Out(1), "broken": Out(1)}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.transmitter = transmitter = self.transmitter
        m.submodules.receiver = receiver = self.receiver
        wiring.connect(m, wiring.flipped(self.data), transmitter.data)
        m.d.comb += [
            receiver.rx.eq(transmitter.tx & ~self.cut),
            self.got.eq(receiver.data),
            self.valid.eq(receiver.valid),
            self.broken.eq(receiver.broken),
        ]
        return m


async def passed(ctx: Any, line: Line, data: bytes, gaps: list[int], cycles_per_byte: float) -> list[int]:
    """Send bytes, with some cycles before each; what arrives."""
    got: list[int] = []
    waiting, wait = list(data), 0
    for _ in range(int((cycles_per_byte + 2) * (len(data) + 2) + sum(gaps) + 20)):
        wait -= 1
        offered = bool(waiting) and wait < 0
        ctx.set(line.data.valid, offered)
        ctx.set(line.data.payload, waiting[0] if offered else 0)
        taken = offered and ctx.get(line.data.ready)
        if ctx.get(line.valid):
            got.append(ctx.get(line.got))
        assert not ctx.get(line.broken)
        await ctx.tick()
        if taken:
            del waiting[0]
            wait = gaps[len(waiting) % len(gaps)] if gaps else 0
    return got


@pytest.mark.parametrize(("clock_hz", "baud"), RATES[: examples(4, 6)])
@pytest.mark.parametrize("slower", [0.0, 0.015, -0.015])
def test_bytes_arrive(clock_hz: float, baud: float, slower: float, waves: Path) -> None:
    if clock_hz * (1 + slower) < 4 * baud:
        pytest.skip("a receiver's rate is a quarter of its clock at most")

    @settings(max_examples=examples(2, 40), deadline=None)
    @given(st.binary(min_size=1, max_size=6), st.lists(st.integers(0, 40), max_size=4))
    def check(data: bytes, gaps: list[int]) -> None:
        async def bench(ctx: Any, line: Line) -> None:
            assert await passed(ctx, line, data, gaps, 10 * clock_hz / baud) == list(data)

        simulate(lambda: Line(clock_hz, baud, slower), bench, waves=waves)

    check()


@settings(max_examples=examples(40, 2000), deadline=None)
@given(
    st.floats(4.0, 20.0), st.floats(-0.015, 0.015), st.floats(0.0, 1.0), st.binary(min_size=1, max_size=4)
)  # fmt: skip
@example(4.0, -0.015, 0.999, b"\xaa\x55\xff\0")
@example(4.0, 0.015, 0.0, b"\xaa\x55\xff\0")
@example(4.2, -0.015, 0.0, b"\xaa\x55\xff\0")
def test_bytes_arrive_from_another_clock(
    waves: Path, cycles_per_bit: float, faster: float, phase: float, data: bytes
) -> None:
    """One that is up to 1.5 % off, and whose bits begin anywhere between the receiver's cycles."""
    bits = [1, 1] + [bit for byte in data for bit in (0, *(byte >> i & 1 for i in range(8)), 1)] + [1, 1]
    got: list[int] = []

    async def bench(ctx: Any, receiver: UartReceiver) -> None:
        cycle = 0
        while (place := int((cycle + phase) * (1 + faster) / cycles_per_bit)) < len(bits):
            ctx.set(receiver.rx, bits[place])
            if ctx.get(receiver.valid):
                got.append(ctx.get(receiver.data))
            assert not ctx.get(receiver.broken)
            await ctx.tick()
            cycle += 1
        assert bytes(got) == data

    simulate(lambda: UartReceiver(clock_hz=1e6, baud=1e6 / cycles_per_bit), bench, waves=waves)


@pytest.mark.parametrize(("clock_hz", "baud"), [(50e6, 3e6), (48e6, 3e6), (25e6, 3e6), (12e6, 115_200)])
def test_bytes_follow_one_another_at_the_rate(clock_hz: float, baud: float, waves: Path) -> None:
    count = 10

    async def bench(ctx: Any, line: Line) -> None:
        ctx.set(line.data.valid, 1)
        ctx.set(line.data.payload, 0x55)
        times: list[int] = []
        cycle = 0
        while len(times) < count:
            if ctx.get(line.valid):
                times.append(cycle)
            cycle += 1
            await ctx.tick()
        assert (times[-1] - times[0]) / (count - 1) == pytest.approx(10 * clock_hz / baud, rel=0.002)

    simulate(lambda: Line(clock_hz, baud), bench, waves=waves)


@pytest.mark.parametrize(("clock_hz", "baud"), [*RATES, (48e6, 12e6), (100e6, 9600)])
def test_the_rate_is_right(clock_hz: float, baud: float) -> None:
    clock = BitClock(clock_hz=clock_hz, baud=baud)
    assert clock.step / (1 << clock.phase_bits) == pytest.approx(baud / clock_hz, rel=5e-4)


def test_a_byte_without_a_stop_bit_is_broken_once(waves: Path) -> None:
    async def bench(ctx: Any, line: Line) -> None:
        broken = 0
        ctx.set(line.cut, 1)
        for cycle in range(300):
            ctx.set(line.cut, cycle < 200)
            broken += ctx.get(line.broken)
            assert not ctx.get(line.valid)
            await ctx.tick()
        assert broken == 1
        assert await passed(ctx, line, b"\x00\xffok", [], 40) == [0, 0xFF, *b"ok"]

    simulate(lambda: Line(4e6, 1e6), bench, waves=waves)


def test_a_spike_on_the_line_is_no_byte(waves: Path) -> None:
    async def bench(ctx: Any, line: Line) -> None:
        for cycle in range(400):
            ctx.set(line.cut, cycle == 20)
            assert not ctx.get(line.valid)
            assert not ctx.get(line.broken)
            await ctx.tick()

    simulate(lambda: Line(48e6, 3e6), bench, waves=waves)


@pytest.mark.parametrize("baud", [0, -1, 3_000_001])
def test_impossible_rates(baud: float) -> None:
    with pytest.raises(ValueError, match=f"baud must lie in 1..3000000, a quarter of clock_hz, not {baud}"):
        BitClock(clock_hz=12e6, baud=baud)
