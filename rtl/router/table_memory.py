"""The memory of a router's table."""

from amaranth.hdl import Module
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ..topology import Port

__all__ = ["TableMemory", "table_entry_signature"]


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
        Writes an entry. The key must not be in use by packets under way.
    keys : array(inputs) of In(key_bits)
    ports : array(inputs) of Out(5)
        The outputs for each of them; all entries are 0 at first.
    """

    def __init__(self, *, entries: int, key_bits: int, inputs: int) -> None:
        self._entries = entries
        self._inputs = inputs
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
        write = storage.write_port()
        m.d.comb += [
            write.en.eq(self.configure.valid),
            write.addr.eq(self.configure.key),
            write.data.eq(self.configure.ports),
        ]
        for key, ports in zip(self.keys, self.ports, strict=True):
            read = storage.read_port(domain="comb")
            m.d.comb += [read.addr.eq(key), ports.eq(read.data)]
        return m
