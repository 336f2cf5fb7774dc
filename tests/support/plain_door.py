"""A circuit with a chip's ports in which next to nothing happens: for tests of what is around it."""

from amaranth.hdl import Cat, Const, Fragment, Module, Mux, Signal, Value
from amaranth.lib import wiring

from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_mesh import CoreMesh
from synaptile.rtl.fpga.hosted_chip import HostedChip

__all__ = ["PlainDoor", "plain_hosted_chip"]


class PlainDoor(wiring.Component):
    """Sends each packet back as its payload, and after each tick one with the number of ticks.

    Of an entry of a routing table it sends, from the lowest bit on: ports, whether it is a hub's, node (2 bits), key.
    """

    def __init__(self, signature: wiring.Signature) -> None:
        super().__init__(signature)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        ticks, telling, work = Signal(16), Signal(), Signal(3)
        came, full = Signal.like(Value.cast(self.host_in.payload)), Signal()
        payload = Value.cast(self.host_out.payload)
        m.d.comb += [
            self.host_in.ready.eq(~full),
            self.host_out.valid.eq(full | telling),
            payload.eq(came[len(came) - len(payload) :]),
        ]
        with m.If(telling):
            m.d.comb += payload.eq(ticks)
        with m.If(self.host_in.valid & self.host_in.ready):
            m.d.sync += [full.eq(1), came.eq(Value.cast(self.host_in.payload))]
        for hub, name in enumerate(("configure", "hub_configure")):
            for node, entry in enumerate(getattr(self, name, ())):
                with m.If(entry.valid):
                    said = Cat(entry.ports, Const(hub, 1), Const(node, 2), entry.key)
                    m.d.sync += [full.eq(1), came.eq(said << len(came) - len(payload))]
        with m.If(self.host_out.valid & self.host_out.ready):
            m.d.sync += telling.eq(0)
            with m.If(~telling):
                m.d.sync += full.eq(0)
        with m.If(work != 0):
            m.d.sync += work.eq(work - 1)
            with m.If(work == 1):
                m.d.sync += telling.eq(1)
        m.d.sync += self.overrun.eq(0)
        with m.If(self.tick):
            m.d.sync += [ticks.eq(ticks + 1), work.eq(7), self.overrun.eq(Mux((work != 0) | telling, -1, 0))]
        m.d.sync += self.busy.eq(self.tick | (work != 0) | telling | full)
        return m


class _Hosted(HostedChip):
    def _make_chip(self, network: NetworkParams, core: CoreParams, host_tile: int, host_key: int) -> wiring.Component:
        chip = CoreMesh(network, core, host_tile=host_tile, host_key=host_key)
        Fragment.get(chip, None)  # or else Amaranth warns of a circuit that is never used
        return PlainDoor(chip.signature)


def plain_hosted_chip(network: NetworkParams, core: CoreParams, **options: object) -> HostedChip:
    """A `HostedChip` with a `PlainDoor` in place of the chip."""
    return _Hosted(network, core, **options)  # type: ignore[arg-type]
