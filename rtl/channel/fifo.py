"""A queue between two streams."""

from amaranth.hdl import Cat, Module, Mux, ShapeLike, Signal, Value
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["StreamFIFO"]


class StreamFIFO(wiring.Component):
    """First in, first out; an item written in one cycle can be read in the next.

    ``enq.ready`` and ``deq.valid`` are registers. So a full queue is not ready even while it is being read, and a queue
    of one item passes at most one item every other cycle.

    Something that is known about an item when it is written can go with it as a note. That of the front item is a
    register too, so that what follows from it is early in the cycle, while the item itself comes out of a memory. If
    items come in groups, the note of the first stays until the last has been read.

    Parameters
    ----------
    shape
        Shape of an item.
    depth
        Number of items, 1 or more.
    note_bits
        Width of the notes; 0 leaves them out.
    one_hot
        Every note has exactly one bit set. So the last bit follows from the others, and is not stored with the item.

    Members
    -------
    enq : In(stream)
    deq : Out(stream)
    level : Out(range(depth + 1))
        Number of items held.
    enq_note : In(note_bits)
        About the item that is offered.
    last : In(1)
        The front item ends a group. If not connected, each is a group of its own.
    note : Out(note_bits)
        About the first item of the group of which an item has been at the front and the last has not been read; zero
        if there is none.

    Raises
    ------
    ValueError
        If ``depth`` is less than 1, or ``note_bits`` negative.
    """

    def __init__(self, shape: ShapeLike, *, depth: int, note_bits: int = 0, one_hot: bool = False) -> None:
        if depth < 1:
            raise ValueError(f"depth must be at least 1, not {depth!r}")
        if note_bits < 0:
            raise ValueError(f"note_bits must be at least 0, not {note_bits!r}")
        self._shape = shape
        self._depth = depth
        self._note_bits = note_bits
        self._one_hot = one_hot
        super().__init__(
            {
                "enq": In(stream.Signature(shape)),
                "deq": Out(stream.Signature(shape)),
                "level": Out(range(depth + 1)),
                "enq_note": In(note_bits),
                "last": In(1, init=1),  # type: ignore[call-arg]  # the stubs do not know it
                "note": Out(note_bits),
            }
        )

    @property
    def depth(self) -> int:
        """Number of items it holds."""
        return self._depth

    def elaborate(self, platform: object) -> Module:
        m = Module()
        storage: memory.Memory = memory.Memory(shape=self._shape, depth=self._depth, init=[])
        m.submodules.storage = storage
        write = storage.write_port()
        read = storage.read_port(domain="comb")
        room, filled = Signal(init=1), Signal()
        writing = Signal()
        reading = Signal()
        m.d.comb += [
            self.enq.ready.eq(room),
            self.deq.valid.eq(filled),
            writing.eq(self.enq.valid & room),
            reading.eq(filled & self.deq.ready),
            write.en.eq(writing),
            write.data.eq(self.enq.payload),
            self.deq.payload.eq(read.data),
        ]
        write_at = Signal(range(self._depth))
        read_at = Signal(range(self._depth))
        behind, beyond = self._after(read_at), self._after(write_at)
        if self._depth > 1:
            m.d.comb += [write.addr.eq(write_at), read.addr.eq(read_at)]
            with m.If(writing):
                m.d.sync += write_at.eq(beyond)
            with m.If(reading):
                m.d.sync += read_at.eq(behind)
        with m.If(writing ^ reading):
            # Between one place and itself lies nothing or everything: which of them, the flags tell.
            m.d.sync += [filled.eq(writing | (behind != write_at)), room.eq(reading | (beyond != read_at))]
        apart = Mux(write_at < read_at, write_at + self._depth, write_at) - read_at
        m.d.comb += self.level.eq(Mux(room, apart, self._depth))
        if self._note_bits:
            more = filled & (behind != write_at)  # items behind the front one
            stored = self._note_bits - (self._one_hot and self._note_bits > 2)
            following: Value = Mux(writing, self.enq_note[:stored], 0)
            if self._depth > 1:
                notes: memory.Memory = memory.Memory(shape=stored, depth=self._depth, init=[])
                m.submodules.notes = notes
                write_note = notes.write_port()
                read_note = notes.read_port(domain="comb")
                m.d.comb += [
                    write_note.en.eq(writing),
                    write_note.addr.eq(write_at),
                    write_note.data.eq(self.enq_note),
                    read_note.addr.eq(behind),
                ]
                following = Mux(more, read_note.data, following)
            if stored < self._note_bits:
                following = Cat(following, (writing | more) & ~following.any())
            noted = Signal()  # the note is about something
            with m.If((reading & self.last) | ~noted):
                m.d.sync += [self.note.eq(following), noted.eq(writing | more)]
        return m

    def _after(self, at: Signal) -> Value:
        following = (at + 1)[: len(at)]
        if self._depth & (self._depth - 1) == 0:
            return following
        return Mux(at == self._depth - 1, 0, following)
