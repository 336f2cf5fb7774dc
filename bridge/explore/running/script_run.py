"""A script's network, run in software, in lock-step with a chip or in its cores, as `synaptile run` does it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import synaptile.swsim as sim
from synaptile.swsim.trace import Trace

from ...comparison.changes import scores_of
from ...errors import show
from ...user_script import INTERRUPTED_EARLY, run_script

if TYPE_CHECKING:
    from ...chip import Chip
    from ...run import ChipRun

__all__ = ["ScriptFailed", "ScriptRun", "run_network"]


class ScriptFailed(RuntimeError):  # noqa: N818
    """A script did not come to its end, or ran nothing; the message is one line."""


@dataclass(frozen=True)
class ScriptRun:
    """The last run of a script: its trace, what the chip did if there was one, and the script's scores."""

    trace: Trace
    result: ChipRun | None
    scores: dict[str, float]


def run_network(script: str, arguments: Sequence[str], *, chip: Chip | None, seed: int) -> ScriptRun:
    """Run a script; what it prints is lost.

    Raises
    ------
    ScriptFailed
        If it fails, ran nothing, or its score is none.
    ConfigError, MappingError
        If the network does not fit the chip.
    """
    path = Path(script)
    last: list[tuple[Trace, ChipRun | None]] = []

    def keep(trace: Trace, hardware: object) -> None:
        last[:] = [(trace, chip.report() if chip is not None and hardware is chip and chip.has_run else None)]

    names: dict[str, Any] = {}
    defaults: dict[str, Any] = {"hardware": chip, "seed": seed}
    with _quiet():
        sim.set_defaults(**defaults)
        try:
            sim.setup()  # forgets what ran in this process before
            sim.set_defaults(keep=keep, **defaults)
            ended = run_script(path, arguments, path.name, names)
        finally:
            sim.set_defaults()
    if ended == INTERRUPTED_EARLY:
        raise KeyboardInterrupt
    if ended is not None:
        raise ScriptFailed(ended.removeprefix("error: "))
    trace = sim.get_trace()
    if trace.steps:
        own = chip is not None and sim.state.hardware is chip and chip.has_run
        last[:] = [(trace, chip.report() if own and chip is not None else None)]
    if not last:
        raise ScriptFailed(f"{path.name} ran no simulation with synaptile")
    trace, result = last[0]
    if chip is not None and result is None:
        raise ScriptFailed(f"{path.name} brought hardware of its own, and no chip of the study was used")
    return ScriptRun(trace, result, _scores(path.name, names.get("score"), trace))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _scores(name: str, score: Any, trace: Trace) -> dict[str, float]:
    """Return a script's ``score``: a number, several by name, or a function of a trace."""
    if score is None:
        return {}
    try:
        return scores_of(score(trace) if callable(score) else score)
    except Exception as error:
        text = " ".join(str(error).split())
        raise ScriptFailed(f"{name}: score {show(score)}: {type(error).__name__}: {text}") from None
