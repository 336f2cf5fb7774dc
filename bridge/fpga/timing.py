"""How fast a design is after place and route, and its slowest path by the names that the circuit has in its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["ClockResult", "PathStep", "Timing", "signal_of", "timing_of"]

# What synthesis appends to the name of a signal for the cells that it makes around it.
_MADE = re.compile(
    r"_(TRELLIS_FF|TRELLIS_DPR16X4|TRELLIS_RAMW|LUT4|PFUMX|L6MUX21|CCU2C|MULT18X18D|DP16KD|SB_[A-Z0-9_]*?[A-Z0-9]+|"
    r"\$\w+)(_|$).*"
)
_BIT = re.compile(r"\[\d+\]$")
_DROPPED = ("$glbnet$", "$abc$")


@dataclass(frozen=True)
class ClockResult:
    """A clock: what was asked for, and what the slowest path between its registers allows, both in MHz."""

    name: str
    asked_mhz: float
    reached_mhz: float

    @property
    def is_met(self) -> bool:
        """Whether it is fast enough."""
        return self.reached_mhz >= self.asked_mhz


@dataclass(frozen=True)
class PathStep:
    """A signal on a path, and how long it takes up to it from the one before: in cells, and on wires, in ns."""

    signal: str
    logic_ns: float
    wire_ns: float


@dataclass(frozen=True)
class Timing:
    """The clocks of a design, and the slowest path of the one that has least to spare."""

    clocks: tuple[ClockResult, ...]
    path: tuple[PathStep, ...]

    @property
    def is_met(self) -> bool:
        """Whether every clock is fast enough."""
        return all(clock.is_met for clock in self.clocks)

    @property
    def worst(self) -> ClockResult:
        """The clock that has least to spare."""
        return min(self.clocks, key=lambda clock: clock.reached_mhz / clock.asked_mhz)

    def path_text(self) -> str:
        """The path in one line."""
        if not self.path:
            return "no path between registers"
        total = sum(step.logic_ns + step.wire_ns for step in self.path)
        wires = sum(step.wire_ns for step in self.path)
        return f"{' -> '.join(step.signal for step in self.path)} ({total:.1f} ns, {wires:.1f} of them on wires)"

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON types."""
        return {
            "clocks": [asdict(clock) | {"met": clock.is_met} for clock in self.clocks],
            "slowest_path": [asdict(step) for step in self.path],
        }


def signal_of(name: str) -> str:
    """Return the signal of the source that a cell or net after synthesis belongs to."""
    for prefix in _DROPPED:
        name = name.removeprefix(prefix)
    return _BIT.sub("", _MADE.sub("", name))


def timing_of(report: Mapping[str, Any]) -> Timing:
    """Read the timing from what nextpnr reports.

    Raises ``ValueError`` if there is no clock in it.
    """
    clocks = tuple(
        ClockResult(signal_of(name), float(clock["constraint"]), float(clock["achieved"]))
        for name, clock in report["fmax"].items()
    )
    if not clocks:
        raise ValueError("the design has no clock")
    slowest = min(
        report["fmax"], key=lambda name: report["fmax"][name]["achieved"] / report["fmax"][name]["constraint"]
    )
    edges = [
        path
        for path in report["critical_paths"]
        if path["from"].endswith(f" {slowest}") and path["to"].endswith(f" {slowest}")
    ]
    return Timing(clocks, _steps(edges[0]["path"]) if edges else ())


def _steps(path: list[Mapping[str, Any]]) -> tuple[PathStep, ...]:
    """Put together what lies between two signals of the source."""
    steps: list[PathStep] = []
    for part in path:
        wire = part["type"] == "routing"
        name = signal_of(part["net"] if wire else part["to"]["cell"])
        if steps and name.startswith("$"):
            name = steps[-1].signal  # of a cell that place and route has put in, such as the start of a carry chain
        delay = float(part["delay"])
        logic_ns, wire_ns = (0.0, delay) if wire else (delay, 0.0)
        if steps and steps[-1].signal == name:
            last = steps.pop()
            logic_ns, wire_ns = last.logic_ns + logic_ns, last.wire_ns + wire_ns
        steps.append(PathStep(name, logic_ns, wire_ns))
    return tuple(steps)
