# amaranth: UnusedElaboratable=no
"""The memories of a core."""

from amaranth.hdl import Cat, ClockSignal, Const, Instance, Module, Mux, ResetSignal, Shape, ShapeLike, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["CLEARING_CYCLES", "BlockRam", "WeightRam"]

CLEARING_CYCLES = 1 << 14
"""Cycles of the first reset after power-up in which the single-port RAMs are emptied."""

_WORDS, _BITS, _NIBBLE = 1 << 14, 16, 4  # of a SB_SPRAM256KA, which is written by nibbles
_SMALL = 4 * 4096  # bits that are left to block RAM


def _device(platform: object) -> str:
    """Return the FPGA of a platform, by its name, for the class of such platforms takes long to import."""
    return getattr(platform, "device", "")


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
        reading, writing = self._addresses(m, platform)
        m.d.comb += [read.addr.eq(reading), write.addr.eq(writing), write.en.eq(self.write_en)]
        for number in range(self._values):
            m.d.comb += [self.read[number].eq(layout[number]), write.data[number].eq(self.write[number])]
        return m

    def _addresses(self, m: Module, platform: object) -> tuple[Value, Value]:
        """Where is read and where is written."""
        return self.read_addr, self.write_addr

    def _seen(self, m: Module, word: Signal) -> Value:
        """What is read. A test overrides this to read nonsense where an address is read and written in one cycle."""
        return word


class WeightRam(BlockRam):
    """A `BlockRam` that one port is enough for: what is read in a cycle in which anything is written must not be used.

    On an iCE40 UltraPlus, a memory of more than 16 kbit is made of single-port RAMs of 256 kbit (SB_SPRAM256KA), which
    nothing else could use. These are not empty at power-up; they are emptied while the domain's first reset lasts, if
    that is at least `CLEARING_CYCLES`. Later resets leave them as they are. On an ECP5, one port of the block RAMs is
    used, which spares half of the wires to them. Everywhere else it is a `BlockRam`.

    A value takes whole nibbles, so many that their number in all values is a power of two: those of a few words stand
    side by side in one word of the RAM, or those of one word in several RAMs.

    Parameters, members and attributes are those of `BlockRam`.
    """

    def __init__(self, shape: ShapeLike, *, depth: int, values: int = 1) -> None:
        super().__init__(shape, depth=depth, values=values)
        width = Shape.cast(shape).width
        self._width = width
        self._padded = _NIBBLE << (-(-width // _NIBBLE) - 1).bit_length()
        word = self._padded * values
        self._columns = max(1, word // _BITS)
        self._beside = max(1, _BITS // word)
        rows = -(-depth // self._beside)
        self._banks = -(-rows // _WORDS)
        self._large = depth * width * values > _SMALL

    def _addresses(self, m: Module, platform: object) -> tuple[Value, Value]:
        if not _device(platform).startswith("LFE5U"):
            return super()._addresses(m, platform)
        address = self._address(m)
        return address, address

    def _address(self, m: Module) -> Signal:
        """Return the address for both, and for writing if anything is written."""
        address = Signal(max(len(self.read_addr), 1))
        m.d.comb += address.eq(Mux(self.write_en.any(), self.write_addr, self.read_addr))
        return address

    def elaborate(self, platform: object) -> Module:
        if not self._large or _device(platform) != "iCE40UP5K":
            return super().elaborate(platform)
        m = Module()
        writing, address = Signal(), self._address(m)
        m.d.comb += writing.eq(self.write_en.any())
        beside_bits = (self._beside - 1).bit_length()
        beside, row, bank = address[:beside_bits], address[beside_bits:][:14], address[beside_bits:][14:]

        # At power-up: every word of every bank is written with 0.
        done, count = Signal(reset_less=True), Signal(14, reset_less=True)
        clearing = Signal()
        m.d.comb += clearing.eq(ResetSignal("sync", allow_reset_less=True) & ~done)
        with m.If(clearing):
            m.d.sync += count.eq(count + 1)
        with m.Else():
            m.d.sync += done.eq(1)

        read_beside = Signal(len(beside), reset_less=True)
        read_bank = Signal(len(bank), reset_less=True)
        m.d.sync += [read_beside.eq(beside), read_bank.eq(bank)]
        word_bits = self._padded * len(self.write)
        values = Cat(Cat(value, Const(0, self._padded - self._width)) for value in self.write)
        enables = Cat(enable.replicate(self._padded // _NIBBLE) for enable in self.write_en)
        banks: list[Value] = []
        for number in range(self._banks):
            here = writing & ((bank == number) if len(bank) else 1)
            parts = []
            for column in range(self._columns):
                output = Signal(_BITS, name=f"output_{number}_{column}")
                if self._columns > 1:
                    word = values[column * _BITS : (column + 1) * _BITS]
                    mask = Value.cast(enables)[column * _BITS // _NIBBLE : (column + 1) * _BITS // _NIBBLE]
                else:
                    word = values.replicate(self._beside)
                    mask = Cat(Mux(beside == place if beside_bits else 1, enables, 0) for place in range(self._beside))
                m.submodules[f"ram_{number}_{column}"] = Instance(
                    "SB_SPRAM256KA",
                    i_ADDRESS=Mux(clearing, count, row),
                    i_DATAIN=Mux(clearing, 0, word),
                    i_MASKWREN=Mux(clearing, 0b1111, mask),
                    i_WREN=clearing | here,
                    i_CHIPSELECT=Const(1),
                    i_CLOCK=ClockSignal(),
                    i_STANDBY=Const(0),
                    i_SLEEP=Const(0),
                    i_POWEROFF=Const(1),  # active low
                    o_DATAOUT=output,
                )
                parts.append(output)
            whole = Cat(parts)
            banks.append(whole if self._columns > 1 else whole.word_select(read_beside, word_bits))
        found = Signal(word_bits)
        with m.Switch(read_bank):
            for number, one in enumerate(banks):
                with m.Case(number):
                    m.d.comb += found.eq(one)
        for number in range(len(self.write)):
            m.d.comb += Value.cast(self.read[number]).eq(found[number * self._padded :][: self._width])
        return m
