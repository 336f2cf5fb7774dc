# amaranth: UnusedElaboratable=no
"""In reset nothing passes a chip's edge, and one cycle of it empties the chip, whatever was in it."""

import pytest
from amaranth.hdl import Assert, Cat, ClockDomain, ClockSignal, DomainRenamer, Module, ResetSignal, Signal, Value
from formal.prover import holds

from synaptile.rtl import Mesh, NetworkParams

pytestmark = pytest.mark.formal


class Eager(Mesh):
    """A flaw: spikes are taken in reset."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.spikes[0].ready.eq(self.nodes[0].spikes[0].ready)
        return m


class Remembering(Mesh):
    """A flaw: something survives."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        taken = Signal(reset_less=True)
        with m.If(self.spikes[0].valid):
            m.d.sync += taken.eq(1)
        m.d.comb += self.busy[0].eq(self.nodes[0].busy | taken)
        return m


def contract(mesh: Mesh) -> tuple[Module, list[Value]]:
    m = Module()
    reset, before = Signal(), Signal()
    m.domains.chip = ClockDomain("chip")
    m.d.comb += [ClockSignal("chip").eq(ClockSignal("sync")), ResetSignal("chip").eq(reset)]
    m.submodules.mesh = DomainRenamer("chip")(mesh)
    m.d.sync += before.eq(reset)
    passing = Cat(*(port.ready for port in mesh.spikes), *(port.valid for port in mesh.arrivals))
    m.d.comb += [
        Assert(~reset | ~passing.any()),
        Assert(~before | (mesh.busy == 0)),
        Assert(~before | (mesh.error == 0)),
        Assert(~before | ~Cat(port.valid for port in mesh.arrivals).any()),
        # After it, everybody may send at once.
        Assert(~before | reset | Cat(port.ready for port in mesh.spikes).all()),
    ]
    inputs: list[Value] = [reset]
    for spikes, arrivals in zip(mesh.spikes, mesh.arrivals, strict=True):
        inputs += [spikes.valid, spikes.payload.as_value(), arrivals.ready]
    for entry in (*getattr(mesh, "configure", ()), *getattr(mesh, "hub_configure", ())):
        inputs += [entry.valid, entry.key, entry.ports]
    return m, inputs


CHIPS = {
    "mesh": NetworkParams(rows=1, cols=3),
    "one flit": NetworkParams(rows=1, cols=2, flits_per_packet=1, buffer_depth=1),
    "stages": NetworkParams(rows=1, cols=2, link_stages=1),
    "channels": NetworkParams(rows=2, cols=2, virtual_channels=2, topology="torus"),
    "multicast": NetworkParams(rows=1, cols=2, routing="table", table_entries=3, multicast=True),
    "adaptive": NetworkParams(rows=2, cols=2, routing="odd-even", selection="neighbours-on-path"),
    "tree": NetworkParams(rows=2, cols=2, topology="tree", routing="table", table_entries=3),
}


@pytest.mark.parametrize("name", CHIPS)
def test_a_cycle_of_reset_empties_a_chip_in_any_state(name: str) -> None:
    """By induction: from any state whatever, so that it holds for ever."""
    circuit, inputs = contract(Mesh(CHIPS[name].replace(neurons=2, stamp_bits=1 if name != "one flit" else 0)))
    assert holds(circuit, inputs, steps=1, induction=True)


@pytest.mark.parametrize("kind", [Eager, Remembering])
def test_a_flaw_is_found(kind: type[Mesh]) -> None:
    circuit, inputs = contract(kind(CHIPS["mesh"].replace(neurons=2, stamp_bits=1)))
    assert not holds(circuit, inputs, steps=3, induction=False)
