"""The compiled engine gives the reference engine's log, packet by packet, cycle by cycle."""

import os
import signal

import numpy as np
import pytest
from amaranth.hdl import Cat, Signal
from amaranth.lib import memory
from hypothesis import given, settings
from support.effort import examples
from support.engine_equivalence import assert_same, cases, check_equality, some_packets

from synaptile.bridge.engines import compiled
from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Packets
from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.bridge.engines.ledger import HardwareFault
from synaptile.bridge.engines.native.glue import node_rtlil
from synaptile.bridge.engines.native.netlist import NetlistError
from synaptile.rtl import NetworkParams, Port, Tile
from synaptile.rtl.routing import XY, Routing

pytestmark = pytest.mark.usefixtures("optimised")


@settings(max_examples=examples(5, 60), deadline=None)
@given(**cases)
def test_it_gives_the_reference_log(configuration, seed, count, spread, pause):
    check_equality(configuration, seed, count, spread, pause)


POLICIES = [
    {"routing": "yx"},
    {"arbitration": "through-first"},
    {"routing": "west-first", "selection": "round-robin"},
    {"routing": "north-last", "selection": "buffer-level"},
    {"routing": "negative-first", "selection": "random", "selection_seed": 0xACE1},
    {"routing": "odd-even"},
    {"routing": "dyad", "selection": "buffer-level", "dyad_threshold": 1},
    {"virtual_channels": 2},
    {"virtual_channels": 2, "topology": "torus", "buffer_depth": 2},
    {"virtual_channels": 3, "buffer_depth": 1, "routing": "dyad", "selection": "buffer-level"},
    {"virtual_channels": 4, "routing": "odd-even", "selection": "random"},
    {"link_stages": 2, "routing": "yx"},
    {"link_stages": 1, "virtual_channels": 2, "buffer_depth": 3},
]


# The covering set (`tests/cocotb/test_covering.py`) has them in pairs, too.
FEW = [POLICIES[i] for i in (1, 2, 6, 8, 12)]


@pytest.mark.parametrize("policy", examples(FEW, POLICIES), ids=lambda policy: "-".join(map(str, policy.values())))
@pytest.mark.usefixtures("quick_build")
def test_it_gives_the_reference_log_with_every_routing_and_selection(policy):
    params = NetworkParams(rows=3, cols=3, neurons=64, stamp_bits=8, **policy)
    ready = np.random.default_rng(1).random((params.tiles, 4)) < 0.6
    ready[:, 0] = True
    # First crowded, then with pauses in which the chip comes to rest.
    check_equality((params, ready), seed=2, count=150, spread=40, pause=25)
    check_equality((params, ready), seed=3, count=60, spread=900, pause=25)


@pytest.mark.slow
@settings(max_examples=examples(5, 3000), deadline=None)
@given(**cases)
def test_it_gives_the_reference_log_thousands_of_times(configuration, seed, count, spread, pause):
    check_equality(configuration, seed, count, spread, pause)


def test_what_was_refused_is_taken_when_there_is_room():
    """A queue of one flit is full, then empty, while the next spike waits without a change."""
    params = NetworkParams(rows=1, cols=1, buffer_depth=1, flits_per_packet=1, neurons=1, stamp_bits=8)
    check_equality((params, None), seed=0, count=3, spread=0, pause=4)


class StepByStep(CompiledEngine):
    """Returns to Python after every few cycles."""

    def _execute(self, until, *, stop_when_empty):
        while until is None or self.cycle < until:
            if stop_when_empty and not self.in_flight:
                break
            outcome = super()._execute(self.cycle + 3, stop_when_empty=stop_when_empty)
        return outcome


def test_how_a_run_is_cut_changes_nothing():
    params = NetworkParams(rows=5, cols=6)
    packets = some_packets(params, 5, 2000, 300)
    whole, parts = CompiledEngine(params), StepByStep(params)
    for engine in (whole, parts):
        engine.inject(packets)
        engine.drain(10_000)
    parts.run(whole.cycle) if parts.cycle < whole.cycle else whole.run(parts.cycle)
    assert_same(whole, parts)
    assert len(whole.deliveries()) == 2000


def test_deliveries_can_be_read_from_any_one_on():
    params = NetworkParams(rows=3, cols=3)
    engines = [engine(params) for engine in (CompiledEngine, AmaranthEngine)]
    for engine in engines:
        engine.inject(some_packets(params, 1, 60, 40))
        for cut in (20, 35, 50):
            engine.run(cut)
            engine.deliveries()
        engine.drain(1000)
    for first in (0, 1, 30, 59, 60):
        logs = [engine.deliveries(first) for engine in engines]
        assert len(logs[0]) == 60 - first
        assert logs[0].tag.tolist() == logs[1].tag.tolist()
    assert engines[0].packets().stamp.tolist() == engines[1].packets().stamp.tolist()


def test_one_library_serves_every_size_of_mesh(tmp_path, monkeypatch):
    compiled = []
    for size in (1, 2, 64, 256):
        params = NetworkParams(rows=size, cols=size)
        engine = CompiledEngine(params, announce=compiled.append)
        last = params.tiles - 1
        engine.inject(Packets(*(np.array([value]) for value in (0, 0, last, 7, 9))))
        engine.drain(1000)
        assert engine.deliveries().delivered.tolist() == [2 * (size - 1) + 1]
    assert len(compiled) <= 1


def test_time_jumps_when_nothing_moves():
    params = NetworkParams(rows=2, cols=2)
    engine = CompiledEngine(params)
    engine.inject(Packets(*(np.array([value]) for value in (10**15, 0, 3, 0, 0))))
    engine.run(2 * 10**15)
    assert engine.deliveries().delivered.tolist() == [10**15 + 3]
    assert engine.cycle == 2 * 10**15
    assert engine.evaluations < 100


def test_still_tiles_are_not_evaluated():
    params = NetworkParams(rows=32, cols=32)
    engine = CompiledEngine(params)
    engine.inject(Packets(*(np.array([value]) for value in (5, 0, 31, 0, 0))))
    engine.drain(1000)
    # Each of 32 routers sees two flits come and go; at the beginning, every tile is looked at once.
    assert engine.evaluations - params.tiles <= 32 * 8


def test_tiles_sleep_while_nothing_that_matters_changes():
    params = NetworkParams(rows=4, cols=4)
    engine = CompiledEngine(params)
    engine.inject(some_packets(params, seed=1, count=400, last_cycle=1000))
    engine.drain(5000)
    # Twice for each flit that enters a router, less what happens at the same time.
    assert engine.evaluations < 1.5 * engine.activity().flits.sum()


def test_it_tells_when_packets_are_late_or_stuck():
    params = NetworkParams(rows=2, cols=2)
    never = np.zeros((4, 1), dtype=bool)
    engine = CompiledEngine(params, ready=never)
    engine.inject(Packets(*(np.array([value]) for value in (0, 0, 3, 0, 0))))
    with pytest.raises(TimeoutError, match=r"1 packets were not delivered within 50 cycles"):
        engine.drain(50)
    assert engine.cycle == 50


def test_a_deadlock_ends_a_drain():
    def gates(m, head, permitted):
        m.d.comb += permitted.eq(1 << Port.NORTH)

    engine = CompiledEngine(NetworkParams(rows=2, cols=2), routing=Routing("north", XY.relation, gates))
    engine.inject(Packets(*(np.array([value]) for value in (4, 2, 3, 77, 0))))
    with pytest.raises(TimeoutError, match="1 packets can never be delivered: nothing moves any more"):
        engine.drain()


def test_ctrl_c_stops_between_two_cycles_and_the_run_can_go_on(monkeypatch):
    monkeypatch.setattr(compiled, "_SLICE_MS", 1)
    params = NetworkParams(rows=8, cols=8)
    packets = some_packets(params, 3, 100_000, 20_000)
    pressed = []

    def press_once(cycle, delivered, given):
        if not pressed:
            pressed.append(cycle)
            os.kill(os.getpid(), signal.SIGINT)

    engine, other = CompiledEngine(params, progress=press_once), CompiledEngine(params)
    engine.inject(packets)
    other.inject(packets)
    with pytest.raises(KeyboardInterrupt):
        engine.run(10**6)
    assert 0 < engine.cycle < 20_000
    assert pressed == [engine.cycle]
    assert len(engine.deliveries()) == 100_000 - engine.in_flight
    engine.run(10**6)
    other.run(10**6)
    assert_same(engine, other)


def test_progress_is_told(monkeypatch):
    monkeypatch.setattr(compiled, "_SLICE_MS", 1)
    params = NetworkParams(rows=8, cols=8)
    told = []
    engine = CompiledEngine(params, progress=lambda *state: told.append(state))
    engine.inject(some_packets(params, 3, 200_000, 40_000))
    engine.drain()
    assert len(told) >= 2
    assert told == sorted(told)
    assert all(given == 200_000 for _cycle, _delivered, given in told)


def test_a_routing_that_loses_its_way_is_a_fault():
    def gates(m, head, permitted):
        m.d.comb += permitted.eq(1 << Port.LOCAL)

    lost = Routing("lost", XY.relation, gates)
    engine = CompiledEngine(NetworkParams(rows=2, cols=2), routing=lost)
    engine.inject(Packets(*(np.array([value]) for value in (4, 1, 2, 77, 0))))
    message = r"cycle 5: a flit arrived at tile 1 as neuron 77, first 1, last 0, .* packet 0 was sent to tile 2"
    for _ in range(2):
        with pytest.raises(HardwareFault, match=message):
            engine.drain(100)


def test_a_tile_whose_outputs_depend_on_inputs_is_refused(monkeypatch):
    class Mealy(Tile):
        def elaborate(self, platform):
            m = super().elaborate(platform)
            m.d.comb += self.busy.eq(0)
            m.d.comb += self.link_out[0].valid.eq(self.spikes[0].valid)
            return m

    monkeypatch.setattr("synaptile.bridge.engines.compiled.node_of", Mealy)
    assert "module" in node_rtlil(Mealy(NetworkParams(rows=2, cols=2, tag_bits=28)))
    with pytest.raises(NetlistError, match="outputs must depend on registers only, but link_out__0__valid depends on"):
        CompiledEngine(NetworkParams(rows=2, cols=2))


class Remembering(Tile):
    """Shows in place of its counter a word of a clocked memory of what it counted, and one of a memory of one word."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        count = Signal(8)
        with m.If(self.spikes[0].valid & self.spikes[0].ready):
            m.d.sync += count.eq(count + 3)
        m.submodules.many = many = memory.Memory(shape=4, depth=5, init=[7, 8, 9, 10, 11])
        m.submodules.one = one = memory.Memory(shape=4, depth=1, init=[5])
        for store in (many, one):
            write = store.write_port(granularity=2)
            m.d.comb += [write.data.eq(count), write.en.eq(Cat(count[0], count[1]))]
            if store is many:
                m.d.comb += write.addr.eq(count[1:4])
            read = store.read_port()
            m.d.comb += read.en.eq(~count[2])
            if store is many:
                m.d.comb += read.addr.eq(count[:3])
                first = read.data
        m.d.comb += self.flits_in[0].eq(Cat(first, read.data, many.read_port(domain="comb").data))
        return m


def test_tiles_may_have_clocked_memories(monkeypatch):
    monkeypatch.setattr("synaptile.bridge.engines.compiled.node_of", Remembering)
    monkeypatch.setattr("synaptile.rtl.mesh.node_of", Remembering)
    params = NetworkParams(rows=2, cols=3)
    seen = set()
    for cycles in (1, 4, 9, 20, 33, 60):
        engines = [engine(params) for engine in (CompiledEngine, AmaranthEngine)]
        for engine in engines:
            engine.inject(some_packets(params, 2, 80, 40))
            engine.run(cycles)
        assert_same(*engines)
        seen.update(engines[0].activity().injected_flits.tolist())
    assert len(seen) > 5


def test_tiles_may_not_have_transparent_memories(monkeypatch):
    class Transparent(Tile):
        def elaborate(self, platform):
            m = super().elaborate(platform)
            m.submodules.store = store = memory.Memory(shape=8, depth=4, init=[])
            write = store.write_port()
            read = store.read_port(transparent_for=(write,))
            m.d.comb += [write.en.eq(1), write.data.eq(self.spikes[0].payload.neuron), self.flits_in[0].eq(read.data)]
            return m

    monkeypatch.setattr("synaptile.bridge.engines.compiled.node_of", Transparent)
    with pytest.raises(NetlistError, match="a memory read port with TRANSPARENCY_MASK 1 is not supported"):
        CompiledEngine(NetworkParams(rows=2, cols=2))


@pytest.mark.parametrize("shape", [(3, 2), (4, 0), (4,)])
def test_back_pressure_must_fit_the_mesh(shape):
    with pytest.raises(ValueError, match=r"ready must have shape \(4, period\), not \("):
        CompiledEngine(NetworkParams(rows=2, cols=2), ready=np.ones(shape, dtype=bool))


def test_packets_must_fit_the_chip():
    engine = CompiledEngine(NetworkParams(rows=2, cols=2))
    engine.run(10)
    with pytest.raises(ValueError, match="cycle of packet 0 must be at least 10, not 9"):
        engine.inject(Packets(*(np.array([value]) for value in (9, 0, 1, 0, 0))))
    with pytest.raises(ValueError, match=r"destination of packet 0 must lie in 0\.\.3, not 4"):
        engine.inject(Packets(*(np.array([value]) for value in (10, 0, 4, 0, 0))))
