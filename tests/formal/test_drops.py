# amaranth: UnusedElaboratable=no
"""A packet of an unknown key never blocks, and the router says that it has dropped one if, and only if, it has."""

import pytest
from amaranth.hdl import Assert, Assume, Cat, Module, Mux, ResetInserter, Signal, Value
from formal.prover import holds

from synaptile.rtl import NetworkParams, Port, Router
from synaptile.rtl.router import VirtualChannelRouter, table_memory
from synaptile.rtl.router.discard import Discard
from synaptile.rtl.router.table_memory import TableMemory
from synaptile.rtl.tile.network_interface import Packetizer
from synaptile.rtl.topology import LINKS

pytestmark = pytest.mark.formal


class Waiting(Discard):
    """A flaw: the last flit of a packet stays."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        with m.If(self.inside & self.last):
            m.d.comb += self.discards.eq(0)
        return m


class Greedy(Discard):
    """A flaw: a body flit of a packet under way is taken for a head."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.discards.eq(self.valid & (self.inside | self.unknown))
        return m


class Silent(Discard):
    """A flaw: packets of one flit are dropped unseen."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.dropped.eq(self.inside & self.last & self.valid)
        return m


def discarding(discard: Discard) -> tuple[Module, list[Value]]:
    """Packets of any length come to the front of a queue; a known one leaves when it likes, having got an output."""
    m = Module()
    m.submodules.discard = discard
    head, unknown = Signal(init=1), Signal()  # the flit at the front is a head; the rest is of an unknown packet
    leaves = Signal()  # a flit of a known packet passes on, which it can after its head was granted an output
    lost = discard.valid & Mux(head, discard.unknown, unknown)
    m.d.comb += [
        Assume(discard.held == (~head & ~unknown)),
        Assume(~leaves | (discard.valid & ~lost)),
        # All of an unknown packet leaves at once, and nothing of a known one; what is dropped is told with its end.
        Assert(discard.discards == lost),
        Assert(discard.dropped == (lost & discard.last)),
        Assert(discard.inside == (~head & unknown)),
    ]
    with m.If(leaves | discard.discards):
        m.d.sync += [head.eq(discard.last), unknown.eq(lost & ~discard.last)]
    return m, [leaves, discard.valid, discard.last, discard.unknown, discard.held]


def shown(discard: Discard, *, steps: int, induction: bool) -> bool:
    circuit, inputs = discarding(discard)
    return holds(circuit, inputs, steps=steps, induction=induction)


def test_an_unknown_packet_leaves_its_queue_at_once_for_ever() -> None:
    assert shown(Discard(), steps=2, induction=True)


@pytest.mark.parametrize("kind", [Waiting, Greedy, Silent])
def test_a_flaw_is_found(kind: type[Discard]) -> None:
    assert not shown(kind(), steps=6, induction=False)


def table(key_bits: int, entries: int) -> tuple[Module, list[Value]]:
    """Any key is watched: its entry is what was written last since the reset, and nothing if nothing was."""
    memory = TableMemory(entries=entries, key_bits=key_bits, inputs=1)
    m = Module()
    clear, watched = Signal(), Signal(key_bits)
    before, known = Signal(key_bits), Signal()
    expected = Signal(len(Port))
    m.submodules.memory = ResetInserter(clear)(memory)
    m.d.sync += [before.eq(watched), known.eq(1)]
    m.d.comb += [
        Assume(~known | (before == watched)),
        Assert((memory.keys[0] != watched) | (memory.ports[0] == expected)),
    ]
    with m.If(memory.configure.valid & (memory.configure.key == watched) & (watched < entries)):
        m.d.sync += expected.eq(memory.configure.ports)
    with m.If(clear):
        m.d.sync += expected.eq(0)
    entry = memory.configure
    return m, [clear, watched, memory.keys[0], entry.valid, entry.key, entry.ports]


@pytest.mark.parametrize("registers", [1, 64], ids=["flags in a memory", "flags in registers"])
@pytest.mark.parametrize(("key_bits", "entries"), [(3, 8), (3, 5), (2, 3)])
def test_an_entry_is_what_was_written_since_the_reset(
    key_bits: int, entries: int, registers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded: two entries are written, the table is reset, and one is written again."""
    monkeypatch.setattr(table_memory, "_MAX_REGISTERS", registers)
    circuit, inputs = table(key_bits, entries)
    assert holds(circuit, inputs, steps=6, induction=False)


def test_flags_that_outlive_the_reset_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flaw: the flags of a word are taken over as they are when it is written for the first time."""
    monkeypatch.setattr(table_memory, "_MAX_REGISTERS", 1)
    monkeypatch.setattr(table_memory, "Mux", lambda select, one, other: one)
    circuit, inputs = table(3, 8)
    assert not holds(circuit, inputs, steps=6, induction=False)


FLITS = 2


def router_contract(router: Router | VirtualChannelRouter) -> tuple[Module, list[Value]]:
    """A router whose table knows one key, 0, which leads to the tile; packets of two flits of any key come to it.

    The tile takes what it gets when it likes, so that known packets wait, hold the output, and are under way.
    """
    m = Module()
    m.submodules.router = router
    entry = router.configure
    configured = Signal()
    m.d.comb += [
        entry.valid.eq(~configured),
        entry.key.eq(0),
        entry.ports.eq(1 << Port.LOCAL),
    ]
    m.d.sync += configured.eq(1)
    virtual = isinstance(router, VirtualChannelRouter)
    inputs: list[Value] = [router.here.as_value()] if len(router.here.as_value()) else []
    for port in Port:
        stream = router.entering(port)
        flit = stream.flit if virtual and port is not Port.LOCAL else stream.payload
        inputs += [stream.valid, flit.as_value()]
    dropped = router.dropped
    for number, unit in enumerate(router.inputs):
        stream = router.entering(unit.port)
        link = virtual and unit.port is not Port.LOCAL
        flit = stream.flit if link else stream.payload
        valid = stream.valid[unit.channel] if link else stream.valid
        enters = valid if link else stream.valid & stream.ready
        if unit.port is not Port.LOCAL and link:
            m.d.comb += Assume((stream.valid & (stream.valid - 1)) == 0)
        inside = Signal(name=f"inside_{number}")
        room = Signal(range(router.params.buffer_depth + 1), name=f"sent_{number}")
        m.d.comb += [Assume(configured | ~valid), Assume(~valid | (flit.last == inside))]
        if link:
            m.d.sync += room.eq(room + enters - stream.credit[unit.channel])
            m.d.comb += Assume(~valid | (room < router.params.buffer_depth))
        with m.If(enters):
            m.d.sync += inside.eq(~inside)
        front, read = unit.queue.deq, unit.queue.deq.ready
        # By what has been read: a head is at the front; else, that the packet is an unknown one.
        head, unknown = Signal(init=1, name=f"head_{number}"), Signal(name=f"unknown_{number}")
        is_unknown = Mux(head, front.payload.data.head.dst.key != 0, unknown)
        with m.If(front.valid & read):
            m.d.sync += [head.eq(front.payload.last), unknown.eq(is_unknown & ~front.payload.last)]
        m.d.comb += [
            # What is unknown never waits; it is told, and nothing else is.
            Assert(~(front.valid & is_unknown) | read),
            Assert(dropped[number] == (front.valid & is_unknown & front.payload.last)),
        ]
    leaving = [router.local_out.valid] + [router.leaving(port).valid for port in LINKS]
    # Nothing of an unknown packet is offered to anybody: links stay silent, and the tile gets a head of key 0.
    first = Signal(init=1)
    with m.If(router.local_out.valid & router.local_out.ready):
        m.d.sync += first.eq(router.local_out.payload.last)
    m.d.comb += [
        Assert(~Cat(*leaving[1:]).any()),
        Assert(~router.local_out.valid | ~first | (router.local_out.payload.data.head.dst.key == 0)),
    ]
    ready = [router.local_out.ready]
    for port in LINKS:
        link = router.leaving(port)
        ready.append(link.credit if virtual else link.ready)
        if virtual:
            m.d.comb += Assume(link.credit == 0)
    return m, [*inputs, *ready]


def params(**more: object) -> NetworkParams:
    fixed = {"neurons": 1, "stamp_bits": 1, "routing": "table", "table_entries": 3, "flits_per_packet": FLITS}
    return NetworkParams(rows=1, cols=1, buffer_depth=2, **fixed | more)  # type: ignore[arg-type]


@pytest.mark.parametrize("multicast", [False, True])
@pytest.mark.parametrize("channels", [1, 2])
def test_an_unknown_packet_never_waits_in_a_router(channels: int, multicast: bool) -> None:
    """Bounded: so many cycles from reset that packets, known and unknown ones, come in one after the other."""
    chip = params(virtual_channels=channels, multicast=multicast)
    router = Router(chip) if channels == 1 else VirtualChannelRouter(chip)
    circuit, inputs = router_contract(router)
    assert holds(circuit, inputs, steps=6, induction=False)


class Blocking(Router):
    """A flaw: an unknown packet waits while the output to the tile is held."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        unit = self.inputs[Port.NORTH]
        assert unit.discard is not None
        m.d.comb += unit.discard.held.eq(self.outputs[Port.LOCAL].held)
        return m


def test_a_flaw_of_a_router_is_found() -> None:
    circuit, inputs = router_contract(Blocking(params()))
    assert not holds(circuit, inputs, steps=6, induction=False)


def interface(packetizer: Packetizer) -> tuple[Module, list[Value]]:
    """A spike is dropped, and told, if and only if its place is off the mesh; no flit of it is offered."""
    m = Module()
    m.submodules.packetizer = packetizer
    spikes, flits = packetizer.spikes, packetizer.flits
    rows, cols = packetizer.params.mesh_rows, packetizer.params.mesh_cols
    dst = spikes.payload.dst
    off = (dst.row >= rows) | (dst.col >= cols)
    under_way = Signal()
    with m.If(flits.valid & flits.ready):
        m.d.sync += under_way.eq(~flits.payload.last)
    m.d.comb += [
        Assert(packetizer.dropped == (spikes.valid & spikes.ready & off)),
        Assert(spikes.ready == (flits.ready & ~under_way)),
        Assert(flits.valid == (under_way | (spikes.valid & ~off))),
        Assert(packetizer.busy == under_way),
    ]
    return m, [spikes.valid, spikes.payload, flits.ready]


@pytest.mark.parametrize("size", [(3, 3), (5, 1), (4, 6), (4, 4)])
def test_what_is_sent_off_the_mesh_is_dropped_where_it_is_sent(size: tuple[int, int]) -> None:
    """Bounded: packets of two flits, one after the other."""
    chip = NetworkParams(rows=size[0], cols=size[1], flits_per_packet=FLITS, neurons=2, stamp_bits=1)
    circuit, inputs = interface(Packetizer(chip))
    assert holds(circuit, inputs, steps=6, induction=False)
