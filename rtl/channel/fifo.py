"""A queue between two streams."""

from amaranth.hdl import Cat, Module, Mux, ShapeLike, Signal, Value
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["StreamFIFO", "next_index"]


class StreamFIFO(wiring.Component):
    """First in, first out; an item written in one cycle can be read in the next.

    ``enq.ready`` and ``deq.valid`` are registers. So a full queue is not ready even while it is being read, and a queue
    of one item passes at most one item every other cycle.

    A fact about an item that is known when the item is written can go with it as a note. The note of the front item is
    a register too, so that logic that needs only the note is early in the cycle, while the item itself comes out of a
    memory. If items come in groups, the note of the first stays until the last has been read.

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
        write_index = Signal(range(self._depth))
        read_index = Signal(range(self._depth))
        after_read, after_write = next_index(read_index, self._depth), next_index(write_index, self._depth)
        if self._depth > 1:
            m.d.comb += [write.addr.eq(write_index), read.addr.eq(read_index)]
            with m.If(writing):
                m.d.sync += write_index.eq(after_write)
            with m.If(reading):
                m.d.sync += read_index.eq(after_read)
        more = after_read != write_index  # there are items behind the front one
        with m.If(writing ^ reading):
            # If the indices are equal, the queue is empty or full: the flags say which.
            m.d.sync += [filled.eq(writing | more), room.eq(reading | (after_write != read_index))]
        count = Mux(write_index < read_index, write_index + self._depth, write_index) - read_index
        m.d.comb += self.level.eq(Mux(room, count, self._depth))
        if self._note_bits:
            self._take_notes(m, writing, reading, more=filled & more, write_index=write_index, read_index=after_read)
        return m

    def _take_notes(
        self, m: Module, writing: Value, reading: Value, *, more: Value, write_index: Value, read_index: Value
    ) -> None:
        """Store the notes beside the items, and keep that of the front item in a register.

        ``more``: there is an item behind the front one, whose note is at ``read_index``.
        """
        stored = self._note_bits - (self._one_hot and self._note_bits > 2)
        following: Value = Mux(writing, self.enq_note[:stored], 0)
        if self._depth > 1:
            notes: memory.Memory = memory.Memory(shape=stored, depth=self._depth, init=[])
            m.submodules.notes = notes
            write_note = notes.write_port()
            read_note = notes.read_port(domain="comb")
            m.d.comb += [
                write_note.en.eq(writing),
                write_note.addr.eq(write_index),
                write_note.data.eq(self.enq_note),
                read_note.addr.eq(read_index),
            ]
            following = Mux(more, read_note.data, following)
        if stored < self._note_bits:
            following = Cat(following, (writing | more) & ~following.any())
        noted = Signal()  # the note is about an item
        with m.If((reading & self.last) | ~noted):
            m.d.sync += [self.note.eq(following), noted.eq(writing | more)]


def next_index(index: Signal, depth: int) -> Value:
    """The index that follows another one in a ring of ``depth``."""
    following = (index + 1)[: len(index)]
    if depth & (depth - 1) == 0:
        return following
    return Mux(index == depth - 1, 0, following)
