"""The programming stream of a chip of cores: everything that a host sends through the door, as a file.

It is text: a hexadecimal number in each line is a packet of the host, as `synaptile.rtl.core_tile.host_packet` lays it
out (the destination in the low bits, the payload above it), to be sent one after the other while the chip stands still.
Lines that begin with ``//`` say what it is: Verilog's ``$readmemh`` reads the file as it stands, and a host in C passes
over them::

    // synaptile programming stream 1
    // chip: 5b0c4f...     the chip's identity, see `chip_identity`
    // packets: 1234
    // bits: 44
    // address_bits: 4
    // complete: no        yes: words of 0 are there, too
    // check: 9d0e6a...    SHA-256 of the lines that follow
    // table: 3 17 5       with routing by table: node, key, and a bit for each port, before any packet
    01a4000000
    ...

Each packet writes a word of a core, and no two write the same, so that their order does not matter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synaptile.rtl import NetworkParams, PacketLayouts, RoutingTable
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.config_word import ConfigTarget
from synaptile.rtl.core.neurons import neuron_variables
from synaptile.rtl.core_tile import payloads_of
from synaptile.swsim.base.whole_file import write_text

from ..engines.base import Ints
from ..engines.cores import CoreImage
from ..errors import MappingError

__all__ = ["ProgrammingStream", "chip_identity", "core_words", "programming_stream", "read_stream"]

_TITLE = "// synaptile programming stream 1"


@dataclass(frozen=True)
class ProgrammingStream:
    """Packets that program a chip.

    Attributes
    ----------
    chip
        The identity of the chip that they are for.
    address_bits, bits
        Width of a packet's destination, and of the packet.
    complete
        Whether words of 0 are among them; without these they are for a chip whose memories are still empty.
    packets
        Whole numbers, as they are sent.
    table, hub_table
        (node, key, one bit for each port) of every entry of the routers' and the hubs' tables.
    """

    chip: str
    address_bits: int
    bits: int
    complete: bool
    packets: tuple[int, ...]
    table: tuple[tuple[int, int, int], ...] = ()
    hub_table: tuple[tuple[int, int, int], ...] = ()

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield the destination and the payload of each packet."""
        mask = (1 << self.address_bits) - 1
        return ((packet & mask, packet >> self.address_bits) for packet in self.packets)

    def __len__(self) -> int:
        return len(self.packets)

    def to_text(self) -> str:
        """The file."""
        digits = -(-self.bits // 4)
        lines = "".join(f"{packet:0{digits}x}\n" for packet in self.packets)
        head = [
            _TITLE,
            f"// chip: {self.chip}",
            f"// packets: {len(self.packets)}",
            f"// bits: {self.bits}",
            f"// address_bits: {self.address_bits}",
            f"// complete: {'yes' if self.complete else 'no'}",
            f"// check: {_check(lines)}",
            *(f"// table: {node} {key} {ports}" for node, key, ports in self.table),
            *(f"// hub_table: {node} {key} {ports}" for node, key, ports in self.hub_table),
        ]
        return "\n".join(head) + "\n" + lines

    def write(self, path: str | Path) -> Path:
        """Write the file, whole or not at all."""
        return write_text(path, self.to_text())


def chip_identity(network: NetworkParams, core: CoreParams, host_tile: int = 0, host_key: int = 0) -> str:
    """Return what tells chips apart whose packets mean different things: a SHA-256 of all their parameters.

    The tags that packets have in simulation are no part of a chip.
    """
    parameters = {
        "network": asdict(network) | {"tag_bits": 0},
        "core": asdict(core),
        "host_tile": host_tile,
        "host_key": host_key,
    }
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


def programming_stream(
    images: Sequence[CoreImage],
    network: NetworkParams,
    core: CoreParams,
    *,
    host_tile: int = 0,
    host_key: int = 0,
    table: RoutingTable | None = None,
    complete: bool = False,
) -> ProgrammingStream:
    """Return the packets that write images into the cores.

    Parameters
    ----------
    images
        One for each tile.
    network, core, host_tile, host_key
        The chip, as `CoreMesh` takes it.
    table
        What the routers' tables hold, if they have any. Key t must lead from the host to tile t, as in an
        `OnChipProgram`.
    complete
        Whether to write words of 0 as well, over what may be in the memories.
    """
    layouts, payloads = PacketLayouts(network), payloads_of(core, network)
    address_bits = layouts.address.size
    packets: list[int] = []
    for tile, image in enumerate(images):
        address = tile if table is not None else layouts.position_of(tile)
        for target, row, column, value in core_words(image, core, layouts, keys=table is not None):
            if not complete:
                kept = value != 0
                row, column, value = row[kept], column[kept], value[kept]
            words = payloads.write(payloads.words.encode(target, row, column, value))
            packets += [int(payload) << address_bits | address for payload in np.atleast_1d(words).tolist()]
    return ProgrammingStream(
        chip=chip_identity(network, core, host_tile, host_key),
        address_bits=address_bits,
        bits=address_bits + payloads.bits,
        complete=complete,
        packets=tuple(packets),
        table=() if table is None else tuple(table.entries()),
        hub_table=() if table is None else tuple(table.hub_entries()),
    )


def core_words(
    image: CoreImage, core: CoreParams, layouts: PacketLayouts, *, keys: bool
) -> Iterator[tuple[ConfigTarget, Ints, Ints, Ints]]:
    """Yield target, rows, columns and values of the words of a core, memory by memory.

    With ``keys``, what is sent is found by its key, else by the place of its tile in ``layouts``.
    """
    axon, neuron = np.indices(image.weights.shape).reshape(2, -1)
    yield ConfigTarget.SYNAPSES, axon, neuron, image.weights.ravel()
    neurons = np.arange(core.neurons)
    for number, name in enumerate(neuron_variables(core)):
        yield ConfigTarget.NEURONS, np.full_like(neurons, number), neurons, image.variables[name]
    first = np.where(image.first >= 0, image.first | 1 << core.target_bits, 0)
    yield ConfigTarget.FIRSTS, np.zeros_like(neurons), neurons, first
    entries = np.arange(len(image.tile))
    if not len(entries):
        return
    address = image.key if keys else np.array([layouts.position_of(int(tile)) for tile in image.tile])
    write: Any = payloads_of(core, layouts.params).words.entry  # takes arrays as well
    yield ConfigTarget.ENTRIES, np.zeros_like(entries), entries, write(address, image.axon, image.delay, image.last)


def read_stream(
    path: str | Path, network: NetworkParams, core: CoreParams, *, host_tile: int = 0, host_key: int = 0
) -> ProgrammingStream:
    """Read a file that is for this chip.

    Raises
    ------
    MappingError
        If it is for another chip.
    ValueError
        If it is no programming stream, or has been changed or cut off.
    """
    path = Path(path)
    stream, check = _parsed(path.name, path.read_text(encoding="utf-8", errors="replace"))
    chip = chip_identity(network, core, host_tile, host_key)
    if stream.chip != chip:
        raise MappingError(f"{path.name}: the stream is for the chip {stream.chip[:12]}, and this one is {chip[:12]}")
    if check:
        raise ValueError(f"{path.name}: {check}")
    return stream


def _parsed(name: str, text: str) -> tuple[ProgrammingStream, str]:
    """The stream in a file, and what is wrong with its packets, if anything is."""
    lines = text.splitlines()
    if not lines or lines[0] != _TITLE:
        raise ValueError(f"{name}: not a programming stream: its first line must be {_TITLE!r}")
    head: dict[str, str] = {}
    tables: dict[str, list[tuple[int, ...]]] = {"table": [], "hub_table": []}
    number = 1
    for number, line in enumerate(lines[1:], 1):  # noqa: B007 (used below)
        if not line.startswith("// "):
            break
        key, _, value = line[3:].partition(": ")
        if key in tables:
            tables[key].append(tuple(int(part) for part in value.split()))
        else:
            head[key] = value
    else:
        number += 1
    missing = [key for key in ("chip", "packets", "bits", "address_bits", "complete", "check") if key not in head]
    if missing:
        raise ValueError(f"{name}: the head of a programming stream must say {missing[0]}")
    body = lines[number:]
    problem = ""
    if len(body) != int(head["packets"]):
        problem = f"packets must be {head['packets']}, as its head says, not {len(body)}"
    elif _check("".join(line + "\n" for line in body)) != head["check"]:
        problem = "its packets have been changed: they are not those of its check"
    stream = ProgrammingStream(
        chip=head["chip"],
        address_bits=int(head["address_bits"]),
        bits=int(head["bits"]),
        complete=head["complete"] == "yes",
        packets=() if problem else tuple(int(line, 16) for line in body),
        table=tuple(tables["table"]),  # type: ignore[arg-type]
        hub_table=tuple(tables["hub_table"]),  # type: ignore[arg-type]
    )
    return stream, problem


def _check(lines: str) -> str:
    return hashlib.sha256(lines.encode()).hexdigest()
