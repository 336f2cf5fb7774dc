"""What the runs of a chip are compared with: nothing, the same network in software, or a trace that is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from synaptile.swsim.cosim import NoReference
from synaptile.swsim.trace import PopulationSlice, Trace

from ..errors import ConfigError
from .cause import Evidence
from .changes import Changes, ScoreFunction, what_changed

__all__ = ["COMPARISON_INTERRUPTED", "SOFTWARE", "TRACE_NAME", "Reference", "load_trace"]

COMPARISON_INTERRUPTED = "the comparison was interrupted"
"""Why a run is not compared after Ctrl-C."""

SOFTWARE = "software"
TRACE_NAME = "snn.sw.out"


def load_trace(path: str | Path) -> Trace:
    """Read the trace of a run, of which the folder does, too.

    Raises ``FileNotFoundError`` if there is none, and `TraceError` if it is none.
    """
    path = Path(path)
    return Trace.load(path / TRACE_NAME if path.is_dir() else path)


class Reference:
    """What the runs of a chip are compared with.

    Parameters
    ----------
    compare
        True or ``"software"`` for the same network in software, a trace, or the file or folder of one; False for
        nothing.
    score
        Scores of a run, see `Changes.scored`.

    Attributes
    ----------
    is_software
        Whether it is the same network in software.

    Raises
    ------
    FileNotFoundError, TraceError
        As `load_trace`.
    TypeError
        If ``compare`` is something else, or ``score`` no function.
    """

    def __init__(self, compare: bool | Trace | str | Path = False, score: ScoreFunction | None = None) -> None:
        if not isinstance(compare, bool | Trace | str | Path):
            raise TypeError(f"compare must be True, False, 'software', a trace or its file, not {compare!r}")
        if score is not None and not callable(score):
            raise TypeError(f"score must be a function of a trace, not {score!r}")
        self.is_software = compare is True or compare == SOFTWARE
        self._given: Trace | None = None
        self._origin = SOFTWARE
        self._score = score
        self._in_software: Callable[[], Trace] | None = None
        if isinstance(compare, Trace):
            self._given, self._origin = compare, "the trace given"
        elif isinstance(compare, str | Path) and not self.is_software:
            self._given, self._origin = load_trace(compare), str(compare)

    def begin(self, dt: float, neurons: int, populations: Sequence[PopulationSlice]) -> None:
        """Forget the last run, and be sure that a network can be compared with the trace given.

        Raises `ConfigError` if it is another.
        """
        self._in_software = None
        given = self._given
        if given is None:
            return
        names = [[(p.label, p.start, p.stop) for p in some] for some in (given.populations, populations)]
        for what, theirs, ours in (
            ("neurons", given.neurons, neurons),
            ("step in ms", given.dt, dt),
            ("populations", *(", ".join(label for label, _, _ in some) or "none" for some in names)),
        ):
            if theirs != ours and (what != "populations" or given.populations):
                raise ConfigError(f"compare must be a run of this network, with {what} {ours}, not {theirs}")
        if given.populations and names[0] != names[1]:
            raise ConfigError("compare must be a run of this network, with populations of the same sizes")

    def take(self, in_software: Callable[[], Trace]) -> None:
        """Take the function that gives the trace in software."""
        self._in_software = in_software

    def changes(self, run: Trace, evidence: Evidence) -> tuple[Changes | None, str | None]:
        """Compare a run; return what has changed, or why that is not known. Neither if it is compared with nothing."""
        try:
            if self._given is not None:
                reference = self._given
            elif self._in_software is not None:
                reference = self._in_software()
            else:
                return None, "it was not followed in software" if self.is_software else None
            changes = what_changed(reference, run, evidence, origin=self._origin)
        except KeyboardInterrupt:
            return None, COMPARISON_INTERRUPTED
        except (NoReference, ValueError) as error:
            return None, str(error)
        return (changes if self._score is None else changes.scored(self._score, run)), None
