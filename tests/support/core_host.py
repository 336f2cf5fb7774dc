"""A host at the door of a chip of cores in Amaranth's simulator."""

from typing import Any

from amaranth.hdl import Value

from synaptile.rtl import RoutingTable
from synaptile.rtl.core.config_word import ConfigWord
from synaptile.rtl.core.payload import Payloads, Read
from synaptile.rtl.core_mesh import CoreMesh
from synaptile.rtl.packet import PacketLayouts

__all__ = ["Host"]


class Host:
    """Ticks a chip when it is still, and talks to it through its door.

    Nothing may be refused, or dropped by the network, unless `strict` is made False.
    """

    def __init__(self, ctx: Any, chip: CoreMesh, payloads: Payloads) -> None:
        self.ctx, self.chip, self.payloads = ctx, chip, payloads
        self.positions = PacketLayouts(chip.params)
        self.told: list[Any] = []
        self.refused: list[int] = []
        self.strict = True
        self.cycles = 0

    async def cycle(self) -> None:
        """A cycle, in which the host takes what it is told."""
        ctx, out = self.ctx, self.chip.host_out
        ctx.set(out.ready, 1)
        if ctx.get(out.valid):
            self.told.append(self.payloads.decode(ctx.get(out.payload)))
        refused = ctx.get(self.chip.refused)
        self.refused += [tile for tile in range(self.chip.params.tiles) if refused >> tile & 1]
        assert not (self.strict and refused)
        assert not ctx.get(self.chip.error)
        self.cycles += 1
        await ctx.tick()

    async def tick(self) -> None:
        """Begin a tick."""
        self.ctx.set(self.chip.tick, 1)
        await self.cycle()
        self.ctx.set(self.chip.tick, 0)
        assert self.ctx.get(self.chip.busy), "from the first cycle of a tick on"

    async def still(self) -> None:
        """Wait until nothing is under way."""
        await self.cycle()
        while self.ctx.get(self.chip.busy):
            await self.cycle()

    async def send(self, address: int, payload: int) -> None:
        """Send a payload to an address."""
        port = self.chip.host_in
        bits = len(Value.cast(port.payload.address))
        self.ctx.set(Value.cast(port.payload), address | payload << bits)
        self.ctx.set(port.valid, 1)
        while not self.ctx.get(port.ready):
            await self.cycle()
        await self.cycle()
        self.ctx.set(port.valid, 0)

    async def write_tables(self, table: RoutingTable | None) -> None:
        """Write the routers' tables, if there are any."""
        if table is None:
            return
        entries = [("configure", *entry) for entry in table.entries()]
        for name, node, key, ports in entries + [("hub_configure", *entry) for entry in table.hub_entries()]:
            port = getattr(self.chip, name)[node]
            for member, value in (("key", key), ("ports", ports), ("valid", 1)):
                self.ctx.set(getattr(port, member), value)
            await self.cycle()
            self.ctx.set(port.valid, 0)

    async def write(self, address: int, word: ConfigWord) -> None:
        """Send a word to be written."""
        await self.send(address, self.payloads.write(self.payloads.words.encode(*word)))

    async def read(self, address: int, word: ConfigWord) -> ConfigWord:
        """Read a word; nothing else is told meanwhile."""
        assert not self.told
        await self.send(address, self.payloads.read(self.payloads.words.encode(*word)))
        for _ in range(1000):
            if self.told:
                break
            await self.cycle()
        reply = self.told.pop()
        assert isinstance(reply, Read)
        assert reply.reply
        return reply.word
