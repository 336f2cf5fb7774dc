"""Which way each population and projection was run: compiled, or in NumPy and why."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from ..engine.on_chip import OnChipEngine
from ..engine.paths import Obstacle
from . import simulator
from .network import Network

__all__ = ["PATHS_LOGGER", "ExecutionPath", "execution_paths", "in_one_line", "log_paths"]

PATHS_LOGGER = "synaptile.paths"
"""Name of the logger that tells, at level INFO, the paths of every run."""
_LOGGER = logging.getLogger(PATHS_LOGGER)
_NAMES_SHOWN = 8


@dataclass(frozen=True)
class ExecutionPath:
    """How a population or a projection was run in the last run, or before the first would be.

    Attributes
    ----------
    kind, label
        ``"population"`` or ``"projection"``, and its label.
    path
        ``"compiled"``, ``"NumPy"``, ``"NumPy, its step compiled"`` or ``"hardware"``.
    reason
        Why not compiled; empty where it was.
    """

    kind: str
    label: str
    path: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.label}: {self.path}" + (f" ({self.reason})" if self.reason else "")


def execution_paths() -> list[ExecutionPath]:
    """Return the path of each population, then of each projection; ``str`` of one is a line.

    The paths are those of the last run since anything was added, else what is known of the run to come. With
    ``logging`` at level INFO of the logger ``synaptile.paths`` every run says the same.
    """
    network, engine = simulator.state.network, simulator.state.engine
    if isinstance(engine, OnChipEngine):
        parts = [("population", part.label) for part in network.populations]
        parts += [("projection", part.label) for part in network.projections]
        return [ExecutionPath(kind, label, "hardware") for kind, label in parts]
    if simulator.state.hardware is None:
        simulator.state.load()
    if simulator.state.is_loaded:
        paths = engine.paths
    else:  # it would have to be mapped, which may take long, or not be possible now
        plastic = [projection.dynamics() for projection in network.chemical() if not projection.is_static]
        paths = engine.expected(network.blocks(), plastic)
    found = []
    for k, population in enumerate(network.populations):
        own = [obstacle.reason for obstacle in paths.obstacles if obstacle.block == k]
        step = ", its step compiled" if paths.stepped and paths.stepped[k] else ""
        found.append(_path("population", population.label, own, network, paths.obstacles, step))
    group = 0
    for projection in network.projections:
        stateful = not (projection.is_static or projection.is_electrical)
        own = [obstacle.reason for obstacle in paths.obstacles if stateful and obstacle.group == group]
        group += stateful
        found.append(_path("projection", projection.label, own, network, paths.obstacles))
    return found


def log_paths() -> None:
    """Say the paths in a line of the log, if it is for level INFO."""
    if _LOGGER.isEnabledFor(logging.INFO):
        _LOGGER.info("%s", in_one_line(execution_paths()))


def in_one_line(paths: Sequence[ExecutionPath]) -> str:
    """Return the paths in a line: one for all if they are the same, else each with the parts that took it."""
    ways: dict[str, list[ExecutionPath]] = {}
    for path in paths:
        ways.setdefault(path.path + (f" ({path.reason})" if path.reason else ""), []).append(path)
    if len(ways) <= 1:
        return "".join(ways)
    return "; ".join(f"{_parts(alike)}: {way}" for way, alike in ways.items())


def _parts(paths: Sequence[ExecutionPath]) -> str:
    """Return the populations and projections of these paths, by name."""
    texts = []
    for kind in ("population", "projection"):
        labels = [path.label for path in paths if path.kind == kind]
        if labels:
            more = len(labels) - _NAMES_SHOWN
            names = ", ".join(labels[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
            texts.append(f"{kind}{'s' * (len(labels) > 1)} {names}")
    return ", ".join(texts)


def _path(
    kind: str, label: str, own: Sequence[str], network: Network, obstacles: Sequence[Obstacle], step: str = ""
) -> ExecutionPath:
    if not obstacles:
        return ExecutionPath(kind, label, "compiled")
    return ExecutionPath(kind, label, f"NumPy{step}", own[0] if own else _named(network, obstacles[0]))


def _named(network: Network, obstacle: Obstacle) -> str:
    """Return the reason with the name of the part that it is about."""
    if obstacle.block is not None:
        return f"population {network.populations[obstacle.block].label} {obstacle.reason}"
    if obstacle.group is not None:
        plastic = [projection for projection in network.chemical() if not projection.is_static]
        return f"projection {plastic[obstacle.group].label} {obstacle.reason}"
    return obstacle.reason
