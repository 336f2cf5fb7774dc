"""What is told of a build: what it takes of the FPGA, how fast it is, and what it was made with."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .boards import Board
from .fitting import Usage
from .timing import Timing

__all__ = ["BuildReport"]

Row = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class BuildReport:
    """A chip on a board.

    Attributes
    ----------
    board
        The board.
    asked_hz, clock_hz
        The clock that was asked for, and the nearest one that the board makes, which the design was made for; in Hz.
    baud
        Rate of the serial line in bits per second.
    network, core
        The chip's parameters by name.
    identity
        The number that the chip tells a host, see `identity_of`.
    seed
        Seed of place and route.
    usage
        What it takes of the FPGA; before place and route an estimate.
    timing
        Its clocks; None before place and route.
    seconds
        Time that each step took when it was made; ``cached`` has those that were not made again.
    files
        The files that were written, by what they are.
    versions
        The tools, by package.
    """

    board: Board
    asked_hz: float
    clock_hz: float
    baud: float
    network: Mapping[str, Any]
    core: Mapping[str, Any]
    identity: int
    seed: int
    usage: tuple[Usage, ...]
    timing: Timing | None
    seconds: Mapping[str, float]
    cached: tuple[str, ...]
    files: Mapping[str, str]
    versions: Mapping[str, str]

    @property
    def neurons(self) -> int:
        """Neurons of the chip."""
        return int(self.network["rows"]) * int(self.network["cols"]) * int(self.core["neurons"])

    @property
    def synapses(self) -> int:
        """Synapses of the chip."""
        return self.neurons * int(self.core["axons"])

    @property
    def ticks_text(self) -> str:
        """The clock as it is told."""
        made = "" if self.clock_hz == self.asked_hz else f" ({self.asked_hz / 1e6:g} asked)"
        return f"{self.clock_hz / 1e6:g}{made}"

    def rows(self) -> Iterator[Row]:
        """Yield rows of what, value, unit."""
        core, network = self.core, self.network
        yield "FPGA", self.board.device, ""
        yield "tiles", f"{network['rows']} × {network['cols']}", f"{core['axons']} axons × {core['neurons']} neurons"
        yield "neurons", f"{self.neurons:,}", core["neuron"]
        yield "synapses", f"{self.synapses:,}", f"of {core['weight_bits']} bits"
        yield "identity", f"{self.identity:06x}", "readable by the host"
        yield "clock", self.ticks_text, "MHz"
        yield "serial line", f"{self.baud:,.0f}", "bit/s"
        about = "" if self.timing else ", by estimate"
        for part in self.usage:
            yield part.name, f"{part.used:,}", f"of {part.has:,} ({part.used / part.has:.0%}){about}"
        if self.timing is None:
            yield "clock reached", "not known", "before place and route"
        else:
            for clock in self.timing.clocks:
                verdict = "met" if clock.is_met else "NOT MET"
                yield (
                    f"clock reached ({clock.name})",
                    f"{clock.reached_mhz:.1f}",
                    f"MHz of {clock.asked_mhz:g}: {verdict}",
                )
        yield "power", "not stated", "the tools know nothing of it"
        for step, seconds in self.seconds.items():
            yield step, f"{seconds:,.0f}", "s, kept from before" if step in self.cached else "s"

    def text(self) -> str:
        """The report as text."""
        from ..text_table import text_table

        lines = [text_table(f"{self.board.title}", self.rows())]
        if self.timing is not None:
            lines += ["", "slowest path:"]
            lines += [
                f"  {step.signal}: {step.logic_ns:.2f} ns of logic, {step.wire_ns:.2f} ns of wire"
                for step in self.timing.path
            ]
        lines += ["", "lights:"]
        lines += [f"  {light.label}: {light.function}" for light in self.board.lights]
        lines += ["", "tools:"]
        lines += [f"  {package} {number}" for package, number in self.versions.items()]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {
            "board": self.board.name,
            "device": self.board.device,
            "asked_hz": self.asked_hz,
            "clock_hz": self.clock_hz,
            "baud": self.baud,
            "identity": self.identity,
            "network": dict(self.network),
            "core": dict(self.core),
            "neurons": self.neurons,
            "synapses": self.synapses,
            "usage": {part.part: {"used": part.used, "has": part.has} for part in self.usage},
            "usage_is_estimate": self.timing is None,
            "timing": None if self.timing is None else self.timing.to_dict(),
            "power": None,
            "seed": self.seed,
            "seconds": dict(self.seconds),
            "cached": list(self.cached),
            "files": dict(self.files),
            "lights": [dataclasses.asdict(light) for light in self.board.lights],
            "versions": dict(self.versions),
        }
