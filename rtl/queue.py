"""A queue between two streams."""

from amaranth.hdl import Module, Mux, ShapeLike, Signal, Value
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["StreamQueue"]


class StreamQueue(wiring.Component):
    """First in, first out; an item written in one cycle can be read in the next.

    ``enq.ready`` and ``deq.valid`` depend on registers only. So a full queue is not ready even while it is being
    read, and a queue of one item passes at most one item every other cycle.

    Parameters
    ----------
    shape
        Shape of an item.
    depth
        Number of items, 1 or more.

    Members
    -------
    enq : In(stream)
    deq : Out(stream)
    level : Out(range(depth + 1))
        Number of items held.

    Raises
    ------
    ValueError
        If ``depth`` is less than 1.
    """

    def __init__(self, shape: ShapeLike, *, depth: int) -> None:
        if depth < 1:
            raise ValueError(f"depth must be at least 1, not {depth!r}")
        self._shape = shape
        self._depth = depth
        super().__init__(
            {
                "enq": In(stream.Signature(shape)),
                "deq": Out(stream.Signature(shape)),
                "level": Out(range(depth + 1)),
            }
        )

    @property
    def depth(self) -> int:
        """Number of items it holds."""
        return self._depth

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        storage: memory.Memory = memory.Memory(shape=self._shape, depth=self._depth, init=[])
        m.submodules.storage = storage
        write = storage.write_port()
        read = storage.read_port(domain="comb")
        writing = Signal()
        reading = Signal()
        m.d.comb += [
            self.enq.ready.eq(self.level != self._depth),
            self.deq.valid.eq(self.level != 0),
            writing.eq(self.enq.valid & self.enq.ready),
            reading.eq(self.deq.valid & self.deq.ready),
            write.en.eq(writing),
            write.data.eq(self.enq.payload),
            self.deq.payload.eq(read.data),
        ]
        if self._depth > 1:
            write_at = Signal(range(self._depth))
            read_at = Signal(range(self._depth))
            m.d.comb += [write.addr.eq(write_at), read.addr.eq(read_at)]
            with m.If(writing):
                m.d.sync += write_at.eq(self._after(write_at))
            with m.If(reading):
                m.d.sync += read_at.eq(self._after(read_at))
        with m.If(writing & ~reading):
            m.d.sync += self.level.eq(self.level + 1)
        with m.Elif(reading & ~writing):
            m.d.sync += self.level.eq(self.level - 1)
        return m

    def _after(self, at: Value) -> Value:
        if self._depth & (self._depth - 1) == 0:
            return at + 1
        return Mux(at == self._depth - 1, 0, at + 1)
