"""The memories of a core."""

from amaranth.hdl import Module, Shape, ShapeLike, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["BlockRam"]


class BlockRam(wiring.Component):
    """A memory that becomes block RAM, whatever its size: words of one or more values that are written each by itself.

    What is read from an address in the very cycle in which it is written must not be used. Synthesis is told so:
    otherwise it builds around each memory what block RAM does not do, which in a core would be a third of it.

    Parameters
    ----------
    shape
        Shape of a value.
    depth
        Words.
    values
        Values in a word.

    Members
    -------
    read_addr : In(range(depth))
    read : array(values) of Out(shape)
        The word at ``read_addr``, in the next cycle.
    write_addr : In(range(depth))
    write_en : In(values)
        The values to be written.
    write : array(values) of In(shape)

    Attributes
    ----------
    storage
        The memory, for simulation.
    """

    def __init__(self, shape: ShapeLike, *, depth: int, values: int = 1) -> None:
        self._values = values
        self.storage: memory.Memory = memory.Memory(
            shape=data.ArrayLayout(shape, values),
            depth=depth,
            init=[],
            attrs={"ram_style": "block", "no_rw_check": 1},  # type: ignore[dict-item]  # the stubs know text only
        )
        super().__init__(
            {
                "read_addr": In(range(depth)),
                "read": Out(shape).array(values),
                "write_addr": In(range(depth)),
                "write_en": In(values),
                "write": In(shape).array(values),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.storage = storage = self.storage
        # A register behind a read port without a clock: only so does Yosys heed `no_rw_check`.
        read, write = storage.read_port(domain="comb"), storage.write_port(granularity=1)
        word = Signal(Shape.cast(read.data.shape()).width, reset_less=True)
        m.d.sync += word.eq(read.data)
        layout = data.View(read.data.shape(), self._seen(m, word))
        m.d.comb += [read.addr.eq(self.read_addr), write.addr.eq(self.write_addr), write.en.eq(self.write_en)]
        for number in range(self._values):
            m.d.comb += [self.read[number].eq(layout[number]), write.data[number].eq(self.write[number])]
        return m

    def _seen(self, m: Module, word: Signal) -> Value:
        """What is read. A test overrides this to read nonsense where an address is read and written in one cycle."""
        return word
