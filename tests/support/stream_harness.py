"""Runs a component's streams in Amaranth's simulator; a failing check leaves a waveform."""

import os
import random
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from amaranth.hdl import Cat, ClockDomain, Module, Value
from amaranth.lib import data, wiring
from amaranth.sim import Simulator
from support.stream_monitor import StreamMonitor

__all__ = ["Offer", "Pattern", "run_streams", "simulate", "unpack"]

Pattern = Sequence[bool]
"""Repeated for ever; entry c says whether something may be offered, or is taken, in cycle c."""

Offer = tuple[int, int]
"""The first cycle in which an item may be offered, and the item as an integer."""

_PERIOD = 1e-8
_QUIET_CYCLES = 16  # watched after the last expected item, for one too many


def simulate(
    make: Callable[[], wiring.Component],
    bench: Callable[[Any, Any], Awaitable[None]],
    *,
    waves: Path,
) -> None:
    """Run ``bench(ctx, component)`` to its end.

    If a check in it fails, it runs once more on a new component, writing ``<test>.vcd`` and a GTKWave save
    ``<test>.gtkw`` with the component's ports into the directory ``waves``; the failure then names them.
    """

    def prepare() -> tuple[Simulator, wiring.Component]:
        component = make()
        top = Module()
        top.domains.sync = ClockDomain()  # there to wait for, even if nothing in the component is clocked
        top.submodules.component = component
        simulator = Simulator(top)
        simulator.add_clock(_PERIOD)

        async def run(ctx: Any) -> None:
            await bench(ctx, component)

        simulator.add_testbench(run)
        return simulator, component

    simulator, _ = prepare()
    try:
        simulator.run()
    except AssertionError as failure:
        test = os.environ.get("PYTEST_CURRENT_TEST", "simulation").split("::")[-1].split(" ")[0]
        vcd = waves / f"{re.sub(r'[^A-Za-z0-9]+', '_', test).strip('_')}.vcd"
        save = vcd.with_suffix(".gtkw")
        simulator, component = prepare()
        traces = [value for _, _, value in component.signature.flatten(component) if len(Value.cast(value))]
        try:
            with simulator.write_vcd(str(vcd), str(save), traces=traces):
                simulator.run()
        except AssertionError:
            failure.add_note(f"waveform: {vcd}\nopen it with: gtkwave {save}")
        else:
            failure.add_note("the failure did not repeat, so there is no waveform: the bench keeps state between runs")
        raise


def run_streams(
    make: Callable[[], wiring.Component],
    offers: Mapping[str, Sequence[Offer]],
    *,
    expected: int,
    waves: Path,
    offering: Mapping[str, Pattern] | None = None,
    taking: Mapping[str, Pattern] | None = None,
    constants: Mapping[str, Any] | None = None,
    glitches: int | None = None,
    limit: int = 5000,
    each_cycle: Callable[[int, Mapping[str, tuple[int, int, int]]], None] | None = None,
) -> dict[str, list[tuple[int, int]]]:
    """Offer items to a component's input streams and take those of its output streams.

    Streams are named by their path (``enq``, ``link_in.0``). Returns (cycle, item) of everything that passed, input
    and output streams alike. Every stream is monitored. ``constants`` are set first and stay. The run ends some
    cycles after ``expected`` items have come out and everything offered has gone in; it fails after ``limit`` cycles.

    With ``glitches`` (a seed), all inputs are changed at random within every cycle, and no output may follow.
    ``each_cycle`` is called with the cycle and (valid, ready, payload) of every stream, before the clock edge.
    """
    passed: dict[str, list[tuple[int, int]]] = {}

    async def bench(ctx: Any, component: Any) -> None:
        passed.clear()
        ports = _streams(component)
        into = [name for name, (flow, _) in ports.items() if flow is wiring.In]
        out = [name for name, (flow, _) in ports.items() if flow is wiring.Out]
        unknown = (set(offers) | set(offering or {}) | set(taking or {})) - set(ports)
        assert not unknown, f"no such stream: {sorted(unknown)}"
        monitors = {name: StreamMonitor(name) for name in ports}
        for name, value in (constants or {}).items():
            ctx.set(getattr(component, name), value)

        inputs = [(ports[name][1].valid, ports[name][1].payload) for name in into]
        driven, widths = _cat(inputs + [(ports[name][1].ready,) for name in out])
        outputs = [(ports[name][1].valid, ports[name][1].payload) for name in out]
        seen, seen_widths = _cat([(ports[name][1].ready,) for name in into] + outputs)
        rng = random.Random(glitches)
        at = dict.fromkeys(into, 0)  # number of items that have gone in
        holding: set[str] = set()
        came = quiet = cycle = 0
        while quiet < _QUIET_CYCLES:
            words: list[int] = []
            for name in into:
                items = offers.get(name, ())
                pattern = (offering or {}).get(name, (True,))
                if at[name] < len(items) and items[at[name]][0] <= cycle and pattern[cycle % len(pattern)]:
                    holding.add(name)
                words += [1, items[at[name]][1]] if name in holding else [0, 0]
            for name in out:
                pattern = (taking or {}).get(name, (True,))
                words.append(int(pattern[cycle % len(pattern)]))
            if glitches is not None:
                before = ctx.get(seen)
                for _ in range(3):
                    ctx.set(driven, rng.getrandbits(len(driven)))
                    assert ctx.get(seen) == before, f"an output follows an input within cycle {cycle}"
            ctx.set(driven, _join(words, widths))
            if glitches is not None:
                assert ctx.get(seen) == before, f"an output follows an input within cycle {cycle}"

            drive, see = iter(words), iter(_split(ctx.get(seen), seen_widths))
            now = {name: (next(drive), next(drive), next(see)) for name in into}
            now = {name: (valid, ready, payload) for name, (valid, payload, ready) in now.items()}
            now |= {name: (next(see), next(drive), next(see)) for name in out}
            if each_cycle is not None:
                each_cycle(cycle, now)
            for name, values in now.items():
                if monitors[name].observe(cycle, *values):
                    if name in at:
                        at[name] += 1
                        holding.discard(name)
                    else:
                        came += 1
            assert came <= expected, f"{came} items came out by cycle {cycle}, {expected} expected"
            waiting = {name: len(items) - at[name] for name, items in offers.items() if at[name] < len(items)}
            assert cycle < limit, f"after {limit} cycles {came} of {expected} items have come out, waiting: {waiting}"
            quiet = quiet + 1 if came == expected and not waiting else 0
            cycle += 1
            await ctx.tick()
        passed.update({name: monitor.passed for name, monitor in monitors.items()})

    simulate(make, bench, waves=waves)
    return passed


def unpack(layout: data.StructLayout, item: int) -> dict[str, Any]:
    """A struct's fields as integers, structs inside as dictionaries."""
    fields: dict[str, Any] = {}
    for name, field in layout:
        value = item >> field.offset & (1 << field.width) - 1
        fields[name] = unpack(field.shape, value) if isinstance(field.shape, data.StructLayout) else value
    return fields


def _streams(component: wiring.Component) -> dict[str, tuple[wiring.Flow, Any]]:
    """The streams among a component's members by path, with the flow of their payload."""
    found: dict[str, tuple[wiring.Flow, Any]] = {}
    for path, member, _ in component.signature.flatten(component):
        if path[-1] == "payload":
            stream: Any = component
            for step in path[:-1]:
                stream = stream[step] if isinstance(step, int) else getattr(stream, step)
            found[".".join(map(str, path[:-1]))] = (member.flow, stream)
    return found


def _cat(groups: Sequence[tuple[Any, ...]]) -> tuple[Value, list[int]]:
    values = [Value.cast(value) for group in groups for value in group]
    return Cat(values), [len(value) for value in values]


def _join(words: Sequence[int], widths: Sequence[int]) -> int:
    joined = at = 0
    for word, width in zip(words, widths, strict=True):
        joined |= word << at
        at += width
    return joined


def _split(joined: int, widths: Sequence[int]) -> list[int]:
    words = []
    for width in widths:
        words.append(joined & (1 << width) - 1)
        joined >>= width
    return words
