"""A bench for an exported chip: its Verilog, and the data that it reads; and what the two kinds of bench share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from synaptile.rtl import NetworkParams

from .records import Records

__all__ = ["INTEGER", "Bench", "table_connections", "table_texts", "tables"]

_TABLES_TITLE = "Entries of tables, written before anything is sent."
INTEGER = 32
"""Width of a tile or a cycle in data: that of Verilog's integer, for lint programs warn of any other."""


@dataclass(frozen=True)
class Bench:
    """What checks a chip in any Verilog simulator.

    Attributes
    ----------
    verilog
        The bench.
    data
        The files that it reads, by the end of their names: ``spikes`` stands for ``NAME_spikes.hex``.
    summary
        What it checks, in a line: what is sent and must come out.
    """

    verilog: str
    data: Mapping[str, Records]
    summary: str


def tables(entries: Sequence[tuple[int, int, int, int]], params: NetworkParams) -> Records:
    """Return the entries of tables, each (node, whether it is the hub's, key, ports), as a bench reads them."""
    fields = (("hub", 1), ("node", INTEGER), ("key", params.key_bits), ("ports", 5))
    return Records(_TABLES_TITLE, fields, [(hub, node, key, ports) for node, hub, key, ports in entries])


def table_connections(params: NetworkParams) -> Iterator[str]:
    """Yield connections of the ports that write tables; all but ``valid`` are the same for all of them."""
    if not params.table_entries:
        return
    for name in ("configure", "hub_configure") if params.interconnect.has_hubs else ("configure",):
        for node in range(params.nodes):
            yield f".{name}_{node}_valid({name}_valid[{node}])"
            yield f".{name}_{node}_key(key)"
            yield f".{name}_{node}_ports(ports)"


def table_texts(params: NetworkParams, name: str, entries: Records) -> dict[str, str]:
    """Return the lines of a bench about tables: where they are kept, read, and written; empty without tables."""
    if not params.table_entries:
        return {"table_memory": "", "table_read": "", "table_write": ""}
    word = "entries[i]"
    lines = [
        "for (i = 0; i < ENTRIES; i = i + 1) begin",
        f"  node = {word}{entries.bits('node')};",
        f"  if ({word}{entries.bits('hub')}) hub_configure_valid[node] = 1;",
        "  else configure_valid[node] = 1;",
        f"  key = {word}{entries.bits('key')};",
        f"  ports = {word}{entries.bits('ports')};",
        "  clock;",
        "  configure_valid = 0;",
        "  hub_configure_valid = 0;",
        "end",
    ]
    return {
        "table_memory": f"  // {name}_tables.hex: whether it is a hub's table, node, key, a bit for each port.\n"
        f"  reg [{entries.width}-1:0] entries [0:ENTRIES-1];\n  integer node;",
        "table_read": f'    $readmemh("{name}_tables.hex", entries);\n',
        "table_write": "".join(f"    {line}\n" for line in lines),
    }
