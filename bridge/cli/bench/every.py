"""``synaptile bench all``: every benchmark one after the other, and a page of them."""

from __future__ import annotations

import argparse
import io
import shlex
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..common import FAILURE, INTERRUPTED, OK, notify, output_folder, shown
from . import engines, mapping, swsim, table_iv

if TYPE_CHECKING:
    from ...bench.page import Section

__all__ = ["add_arguments", "run"]

_BENCHMARKS: dict[str, tuple[str, Any, list[str], list[str]]] = {
    "engines": (
        "Cycles per second of the engines",
        engines,
        ["--engines", "compiled"],
        ["--mesh", "4x4", "6x6", "8x8", "16x16"],
    ),
    "swsim": (
        "The software simulator, beside others that are installed",
        swsim,
        ["--networks", "testKernel1", "S_1000", "Vogels-Abbott CUBA", "--duration", "200"],
        [],
    ),
    "mapping": (
        "Mappings by different methods",
        mapping,
        ["--network", "digits", "--time-limit", "1", "3", "--curve", "{out}/mapping.png"],
        ["--curve", "{out}/mapping.png"],
    ),
    "table-iv": ("Table IV of the PyCARL paper", table_iv, [], []),
}
"""By name: the title, the module, and its options for the short and for the full form; ``{out}`` is its folder."""


class _Copied(io.TextIOBase):
    """Writes to a stream, and keeps what was written."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.kept = stream, io.StringIO()

    def write(self, text: str) -> int:
        self.kept.write(text)
        return int(self.stream.write(text))

    def flush(self) -> None:
        self.stream.flush()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--full", action="store_true", help="every network and mesh: an hour, not minutes")
    parser.add_argument(
        "--only", nargs="+", choices=_BENCHMARKS, metavar="WHAT", help=f"of {', '.join(_BENCHMARKS)} (default: all)"
    )
    parser.add_argument(
        "--out", "-o", metavar="DIR", type=Path, default=Path("bench"), help="where the page goes (default: bench)"
    )


def run(args: argparse.Namespace) -> int:
    """Run the benchmarks and write the page after each, so that an interruption leaves what there is."""
    from synaptile.swsim.base.whole_file import write_text

    from ...bench.page import Section, benchmark_page
    from ...bench.results import machine
    from ...versions import versions

    folder = output_folder(args.out)
    page = folder / "bench.html"
    sections: list[Section] = []
    code = OK
    for name in args.only or _BENCHMARKS:
        title, module, short, full = _BENCHMARKS[name]
        words = [word.format(out=args.out / name) for word in (full if args.full else short)]
        section = Section(title, shlex.join(["synaptile", "bench", name, *words]))
        sections.append(section)
        print(f"\n{section.command}", flush=True)
        found = _run_one(section, partial(_ran, module, [*words, "--out", str(folder / name)]))
        code = found if found == INTERRUPTED else max(code, found)
        section.pictures = sorted((folder / name).glob("*.png"))
        write_text(page, benchmark_page(sections, machine(), versions()))
        if found == INTERRUPTED:
            break
    notify(f"wrote {shown(page)}")
    return code


def _ran(module: Any, words: list[str]) -> int:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(words)))


def _run_one(section: Section, benchmark: Callable[[], int]) -> int:
    """Run a benchmark, and note in its section what it prints and how it ends; return its exit code."""
    begin = time.perf_counter()
    copied = _Copied(sys.stdout)
    try:
        with redirect_stdout(copied):
            code = benchmark()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except (OSError, RuntimeError, ValueError) as error:
        section.ended = f"It failed: {error}"
        notify(f"{section.command}: {error}")
        code = FAILURE
    if code == INTERRUPTED:
        section.ended = "It was interrupted: what it measured until then."
    section.seconds, section.text = time.perf_counter() - begin, copied.kept.getvalue().strip("\n")
    return code
