"""A trial: its point, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from .space import Point

__all__ = ["Outcome", "State", "Trial"]


class State(StrEnum):
    """What has become of a trial."""

    WAITING = "waiting"
    """It has not begun, or was interrupted."""
    DONE = "done"
    """It has a value for every objective."""
    REFUSED = "refused"
    """There is no such chip, or the network does not fit it."""
    FAILED = "failed"
    """The script, the engine or the worker failed."""


@dataclass(frozen=True)
class Outcome:
    """What a worker gives back.

    Attributes
    ----------
    state
        `State.DONE`, `State.REFUSED` or `State.FAILED`.
    numbers
        The run's numbers by name.
    error
        Why it was refused or failed, in a line.
    simulated, seconds
        Time that the chip and the network's script took, and all of the trial, in s.
    repeatable
        Whether the same point would have the same outcome.
    """

    state: State
    numbers: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    simulated: float = 0.0
    seconds: float = 0.0
    repeatable: bool = True


@dataclass(frozen=True)
class Trial:
    """A trial of a study.

    Attributes
    ----------
    number
        Counted from 0.
    point
        Its values by name.
    outcome
        What came of it; None as long as it waits.
    values
        The objectives' values by name; empty unless it is done.
    violations
        By how much each constraint is broken, by its text; 0 if it holds.
    same_as
        Number of the earlier trial of the same point, whose outcome this has, too.
    notes
        What the sampler has to remember of it.
    """

    number: int
    point: Point
    outcome: Outcome | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    violations: Mapping[str, float] = field(default_factory=dict)
    same_as: int | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """What has become of it."""
        return State.WAITING if self.outcome is None else self.outcome.state

    @property
    def feasible(self) -> bool:
        """Whether it is done and holds all constraints."""
        return self.state is State.DONE and not any(self.violations.values())

    @property
    def violation(self) -> float:
        """Sum of all violations."""
        return sum(self.violations.values())

    def with_(self, **changes: Any) -> Trial:
        """Return the same trial with some things changed."""
        return replace(self, **changes)
