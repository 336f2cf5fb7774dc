"""The stacks of functions that were running in a run, and for how long each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synaptile.swsim.base.whole_file import write_text

from ..text_table import text_table
from .phases import PHASES, Frame, phase_of

__all__ = ["MISSING", "Profile", "profiled"]

MISSING = 'a profile needs pyinstrument, which comes with: pip install "synaptile[profile]"'

_INTERVAL_S = 1e-3
_FORMAT = "https://www.speedscope.app/file-format-schema.json"


@dataclass
class Profile:
    """What was running, and for how long.

    Attributes
    ----------
    stacks
        Seconds by stack of functions, the outermost first. What runs in compiled code or in another process counts for
        the function that waits for it.
    script
        The user's script.
    """

    script: str | None = None
    stacks: dict[tuple[Frame, ...], float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Wall time in all."""
        return sum(self.stacks.values())

    def phases(self) -> dict[str, float]:
        """Seconds by phase, in the order of `PHASES`; they add up to `seconds`."""
        found = dict.fromkeys(PHASES, 0.0)
        for stack, seconds in self.stacks.items():
            found[phase_of(stack, self.script)] += seconds
        return found

    def table(self) -> str:
        """The phases as text."""
        total = self.seconds
        rows = [
            (phase, f"{seconds:.3f}", f"s   {seconds / total if total else 0.0:5.1%}   {PHASES[phase]}")
            for phase, seconds in self.phases().items()
        ]
        return text_table("Where the time went", [*rows, ("in all", f"{total:.3f}", "s")])

    def to_dict(self) -> dict[str, Any]:
        """JSON types: seconds in all and by phase."""
        return {"seconds": self.seconds, "phases_s": self.phases()}

    def save_speedscope(self, path: Path) -> Path:
        """Write the stacks as a file of speedscope, a viewer of flame graphs; return its path."""
        number: dict[Frame, int] = {}
        samples = [[number.setdefault(frame, len(number)) for frame in stack] for stack in self.stacks]
        values = {
            "$schema": _FORMAT,
            "name": self.script or "synaptile",
            "shared": {"frames": [{"name": name, "file": file} for name, file in number]},
            "profiles": [
                {
                    "type": "sampled",
                    "name": "wall time",
                    "unit": "seconds",
                    "startValue": 0,
                    "endValue": self.seconds,
                    "samples": samples,
                    "weights": list(self.stacks.values()),
                }
            ],
        }
        return write_text(path, json.dumps(values))


@contextmanager
def profiled(script: str | None = None) -> Iterator[Profile]:
    """Sample every millisecond what this thread runs; the profile is complete when the block is left.

    Raises ``ModuleNotFoundError`` without pyinstrument; says how to get it.
    """
    try:
        from pyinstrument import Profiler
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(MISSING) from error

    profile = Profile(script)
    sampler = Profiler(interval=_INTERVAL_S, async_mode="disabled")
    sampler.start()
    try:
        yield profile
    finally:
        sampler.stop()
        session = sampler.last_session
        stacks: defaultdict[tuple[Frame, ...], float] = defaultdict(float)
        for frames, seconds in [] if session is None else session.frame_records:
            stacks[tuple(_frame(one) for one in frames[1:])] += seconds
        profile.stacks = dict(stacks)


def _frame(identifier: str) -> Frame:
    """Return the function of pyinstrument's name for it: function, file, line and more, parted by NUL."""
    name, file, *_ = identifier.split("\0")
    return name, file
