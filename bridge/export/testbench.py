"""A folder with an exported chip, a bench that checks it in any Verilog simulator, and files for tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from synaptile.rtl.export.names import check_name
from synaptile.swsim.base.whole_file import write_text

from ..config import ChipConfig
from .bench import Bench
from .core_bench import core_bench
from .core_file import core_file
from .exported_chip import ExportedChip
from .network_bench import network_bench
from .random_network import RandomNetwork
from .template import filled
from .traffic import run_network

__all__ = ["PACKETS", "TICKS", "Testbench", "write_testbench"]

PACKETS, TICKS = 256, 20
"""How many packets are sent, and in a chip of cores in how many ticks, unless somebody says otherwise."""


@dataclass(frozen=True)
class Testbench:
    """What was written.

    Attributes
    ----------
    folder
        Where.
    files
        Names of the files, the chip's Verilog first.
    summary
        What the bench checks, in a line.
    """

    __test__ = False  # it is none of pytest's

    folder: Path
    files: tuple[str, ...]
    summary: str


def write_testbench(
    chip: ExportedChip,
    config: ChipConfig,
    folder: str | Path,
    *,
    name: str,
    packets: int = PACKETS,
    ticks: int = TICKS,
    seed: int = 0,
    engine: str = "auto",
    threads: int = 1,
) -> Testbench:
    """Write a chip's Verilog, a bench that checks it by itself, the data of the bench, and files for tools.

    What the bench expects is what a simulated chip did: `README.md` in the folder tells how to run it.

    Parameters
    ----------
    chip, config
        The circuit, and the configuration that it is of, which says what ways packets take and how long ticks are.
    folder
        Where to write; it is made if need be.
    name
        Name of the top module, and the beginning of the names of files.
    packets, ticks, seed
        How many random packets are sent into the chip; into one of cores as a host does, in how many ticks.
    engine, threads
        The engine that simulates the chip, see `make_engine`.

    Raises
    ------
    ValueError
        If a number is less than 1, or there is no such name or engine.
    OSError
        If the folder cannot be written.
    """
    check_name(name)
    for what, value in (("packets", packets), ("ticks", ticks)):
        if value < 1:
            raise ValueError(f"{what} must be at least 1, not {value}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    bench = _bench(chip, config, name, packets=packets, ticks=ticks, seed=seed, engine=engine, threads=threads)
    texts = {f"{name}.v": chip.verilog(name), f"{name}_bench.v": bench.verilog}
    data = {f"{name}_{which}.hex": records.text() for which, records in bench.data.items()}
    about = {
        "name": name,
        "description": chip.description + ".",
        "summary": bench.summary,
        "seed": seed,
        "version": metadata.version("synaptile"),
    }
    core = core_file(name, f"{name}.v", chip.description, bench=f"{name}_bench.v", data=[*data])
    texts |= data | {f"{name}.core": core}
    texts |= {file: filled(file, about, {}) for file in ("Makefile", "README.md")}
    return Testbench(_written(folder, texts), tuple(texts), bench.summary)


def _bench(
    chip: ExportedChip, config: ChipConfig, name: str, *, packets: int, ticks: int, seed: int, engine: str, threads: int
) -> Bench:
    """Simulate the chip, and make the bench of what it did."""
    if chip.core is None:
        run = run_network(chip.network, config.routing, packets=packets, seed=seed, engine=engine, threads=threads)
        return network_bench(chip.network, run, name)
    random = RandomNetwork.of(
        chip.network, chip.core, config.routing, host_tile=chip.host_tile, events=packets, ticks=ticks, seed=seed
    )
    return core_bench(
        chip.network,
        chip.core,
        random,
        name,
        host_tile=chip.host_tile,
        host_key=chip.host_key,
        ticks=ticks,
        tick_cycles=config.cycles_per_step if config.tick == "fixed" else None,
        engine=engine,
        threads=threads,
    )


def _written(folder: Path, texts: Mapping[str, str]) -> Path:
    for file, text in texts.items():
        write_text(folder / file, text)
    return folder
