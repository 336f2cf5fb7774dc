"""The memory of the weights, by far the largest of a core: on an iCE40 UltraPlus in that FPGA's single-port RAMs."""

from amaranth.hdl import Cat, ClockSignal, Const, Instance, Module, Mux, ResetSignal, Shape, ShapeLike, Signal, Value

from amaranth.vendor import SiliconBluePlatform

from .block_ram import BlockRam

__all__ = ["CLEARING_CYCLES", "WeightRam"]

CLEARING_CYCLES = 1 << 14
"""Cycles of the first reset after power-up in which the single-port RAMs are emptied."""

_WORDS, _BITS, _NIBBLE = 1 << 14, 16, 4  # of a SB_SPRAM256KA, which is written by nibbles
_SMALL = 4 * 4096  # bits that are left to block RAM


class WeightRam(BlockRam):
    """A `BlockRam` that one port is enough for: what is read in a cycle in which anything is written must not be used.

    On an iCE40 UltraPlus, a memory of more than 16 kbit is made of single-port RAMs of 256 kbit (SB_SPRAM256KA), which
    nothing else could use. These are not empty at power-up; they are emptied while the domain's first reset lasts, if
    that is at least `CLEARING_CYCLES`. Later resets leave them as they are. Everywhere else it is a `BlockRam`.

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

    def elaborate(self, platform: object) -> Module:
        if not (self._large and isinstance(platform, SiliconBluePlatform) and platform.device == "iCE40UP5K"):
            return super().elaborate(platform)
        m = Module()
        writing = Signal()
        address = Signal(max(len(self.read_addr), 1))
        m.d.comb += [
            writing.eq(self.write_en.any()),
            address.eq(Mux(writing, self.write_addr, self.read_addr)),
        ]
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

        read_beside, read_bank = Signal.like(beside, name="read_beside"), Signal.like(bank, name="read_bank")
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
                    mask = Cat(
                        Mux(beside == place if beside_bits else 1, enables, 0) for place in range(self._beside)
                    )
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
