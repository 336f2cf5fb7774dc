"""The memory of a router's table, and which of its entries have been written."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ..routing.relation import greater
from ..topology import Port

__all__ = ["TableMemory", "WrittenFlags", "table_entry_signature"]


def table_entry_signature(key_bits: int) -> wiring.Signature:
    """An entry being written: in a cycle with ``valid``, the outputs ``ports`` for ``key``. Seen from the writer."""
    return wiring.Signature({"valid": Out(1), "key": Out(key_bits), "ports": Out(len(Port))})


class TableMemory(wiring.Component):
    """A router's table: the outputs for each key, looked up for every input at once.

    Parameters
    ----------
    entries
        Number of keys, 1 or more.
    inputs
        Number of inputs that look up entries.

    Members
    -------
    configure : In(table entry)
        Writes an entry. The key must not be in use by packets under way. There is none for a key that is no less than
        ``entries``.
    keys : array(inputs) of In(key_bits)
    ports : array(inputs) of Out(5)
        The outputs for each of them; 0 for a key that has not been written since the last reset.

    Attributes
    ----------
    written : WrittenFlags
        Which keys have been.
    """

    def __init__(self, *, entries: int, key_bits: int, inputs: int) -> None:
        self._entries = entries
        self._key_bits = key_bits
        self.written = WrittenFlags(key_bits, inputs=inputs)
        super().__init__(
            {
                "configure": In(table_entry_signature(key_bits)),
                "keys": In(key_bits).array(inputs),
                "ports": Out(len(Port)).array(inputs),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        storage: memory.Memory = memory.Memory(shape=len(Port), depth=self._entries, init=[])
        m.submodules.storage = storage
        m.submodules.written = written = self.written
        write = storage.write_port()
        key = self.configure.key
        there: Value = Const(1, 1)
        if self._entries < 1 << self._key_bits:
            there = ~greater(key, Const(self._entries - 1, self._key_bits))
        m.d.comb += [
            write.en.eq(self.configure.valid & there),
            write.addr.eq(key),
            write.data.eq(self.configure.ports),
            written.write.eq(write.en),
            written.key.eq(key),
        ]
        for i, (key, ports) in enumerate(zip(self.keys, self.ports, strict=True)):
            read = storage.read_port(domain="comb")
            m.d.comb += [read.addr.eq(key), written.keys[i].eq(key), ports.eq(Mux(written.flags[i], read.data, 0))]
        return m


_MAX_REGISTERS = 64
"""Keys up to which each has a register of its own for its flag."""


class WrittenFlags(wiring.Component):
    """One flag for each key: it has been written since the last reset.

    For few keys, the flags are registers. A register for each of many, and a choice among all of them for each input,
    would be larger than the table. So those are words of a memory, which a reset cannot clear, and only a flag for each
    word is a register: a word means something once one of its flags has been set, when all others in it are cleared.

    Parameters
    ----------
    key_bits
        Width of a key, 1 or more.
    inputs
        Number of inputs that ask for flags.

    Members
    -------
    write : In(1)
        Sets the flag of ``key``.
    key : In(key_bits)
    keys : array(inputs) of In(key_bits)
    flags : array(inputs) of Out(1)
        The flag of each of them.
    """

    def __init__(self, key_bits: int, *, inputs: int) -> None:
        self._key_bits = key_bits
        super().__init__(
            {
                "write": In(1),
                "key": In(key_bits),
                "keys": In(key_bits).array(inputs),
                "flags": Out(1).array(inputs),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        low = self._key_bits if 1 << self._key_bits <= _MAX_REGISTERS else -(-self._key_bits // 2)
        used = Signal(1 << (self._key_bits - low if low < self._key_bits else low))
        if low == self._key_bits:
            with m.If(self.write):
                m.d.sync += used.eq(used | _one_hot(self.key))
            m.d.comb += [flag.eq(_bit(used, key)) for key, flag in zip(self.keys, self.flags, strict=True)]
            return m
        words: memory.Memory = memory.Memory(shape=1 << low, depth=len(used), init=[])
        m.submodules.words = words
        write, before = words.write_port(), words.read_port(domain="comb")
        word = self.key[low:]
        m.d.comb += [
            before.addr.eq(word),
            write.addr.eq(word),
            write.en.eq(self.write),
            write.data.eq(Mux(_bit(used, word), before.data, 0) | _one_hot(self.key[:low])),
        ]
        with m.If(self.write):
            m.d.sync += used.eq(used | _one_hot(word))
        for key, flag in zip(self.keys, self.flags, strict=True):
            read = words.read_port(domain="comb")
            m.d.comb += [read.addr.eq(key[low:]), flag.eq(_bit(used, key[low:]) & _bit(read.data, key[:low]))]
        return m


def _one_hot(number: Value) -> Value:
    """Bit ``number`` of as many as it can number."""
    found: Value = Const(1, 1)
    for bit in number:
        found = Cat(Mux(bit, 0, found), Mux(bit, found, 0))
    return found


def _bit(bits: Value, number: Value) -> Value:
    """Bit ``number`` of as many as it can number.

    By halves, and not by a shift, of which synthesis makes a form of other widths, of which Verilog tools warn.
    """
    for half in reversed(number):
        middle = len(bits) // 2
        bits = Mux(half, bits[middle:], bits[:middle])
    return bits
