"""A queue whose items can be read again."""

from amaranth.hdl import Module, Mux, ShapeLike, Signal
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from .fifo import next_index

__all__ = ["ReplayFIFO"]


class ReplayFIFO(wiring.Component):
    """First in, first out, but items read with ``keep`` stay, and are read again after an item read with ``again``.

    Used without ``keep`` it is a `StreamFIFO`. ``enq.ready`` and ``deq.valid`` depend on registers only.

    Parameters
    ----------
    shape
        Shape of an item.
    depth
        Number of items, 1 or more; no less than are ever kept.

    Members
    -------
    enq : In(stream)
    deq : Out(stream)
    keep : In(1)
        The item that is read in this cycle stays. Once an item is kept, so must be all up to one read with ``again``.
    again : In(1)
        If the item that is read is kept, reading goes on with the first item that has been.
    level : Out(range(depth + 1))
        Number of items held, kept ones included.

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
                "keep": In(1),
                "again": In(1),
                "level": Out(range(depth + 1)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        storage: memory.Memory = memory.Memory(shape=self._shape, depth=self._depth, init=[])
        m.submodules.storage = storage
        write = storage.write_port()
        read = storage.read_port(domain="comb")
        writing, reading, leaving = Signal(), Signal(), Signal()
        kept = Signal(range(self._depth + 1))  # items before the next one to be read
        m.d.comb += [
            self.enq.ready.eq(self.level != self._depth),
            self.deq.valid.eq(self.level != kept),
            writing.eq(self.enq.valid & self.enq.ready),
            reading.eq(self.deq.valid & self.deq.ready),
            leaving.eq(reading & ~self.keep),
            write.en.eq(writing),
            write.data.eq(self.enq.payload),
            self.deq.payload.eq(read.data),
        ]
        with m.If(reading & self.keep):
            m.d.sync += kept.eq(Mux(self.again, 0, kept + 1))
        if self._depth > 1:
            write_index, read_index, first = (
                Signal(range(self._depth), name=name) for name in ("write_index", "read_index", "first")
            )
            m.d.comb += [write.addr.eq(write_index), read.addr.eq(read_index)]
            with m.If(writing):
                m.d.sync += write_index.eq(next_index(write_index, self._depth))
            with m.If(reading):
                m.d.sync += read_index.eq(Mux(self.keep & self.again, first, next_index(read_index, self._depth)))
            with m.If(leaving):
                m.d.sync += first.eq(next_index(first, self._depth))
        with m.If(writing & ~leaving):
            m.d.sync += self.level.eq(self.level + 1)
        with m.Elif(leaving & ~writing):
            m.d.sync += self.level.eq(self.level - 1)
        return m
