"""Synapses in text or in Python functions: what they may say."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .equations import (
    Assignment,
    Line,
    assignments,
    check_parameters,
    differential,
    expression,
    is_name,
    names_in,
    targets,
)
from .linear import Linear, linear
from .neuron_definition import Code
from .synapse_event import Event, names_of
from .user_functions import UserFunction, user_function

__all__ = ["SynapseDefinition"]

_GIVEN = ("delay", "dt", "random", "since_post", "since_pre", "w")
_TAKEN = {*_GIVEN, "weight", "dendritic_delay_fraction"}


@dataclass(frozen=True)
class SynapseDefinition:
    """A synapse in text or in Python functions, checked.

    Rules are statements such as ``w = clip(w + A * x, 0, w_max); x += 1``. They may use parameters, variables, names
    that earlier statements define, the size ``w`` of the weight, ``delay`` and ``dt`` in ms, ``since_pre`` and
    ``since_post`` (ms since the last spike of that side that was at the synapse; 0 for one at the same step, over 1e10
    if there was none), and ``random``, a number in [0, 1) of the event's own. They change variables and ``w``.

    In the place of ``on_pre`` and ``on_post`` there may be a Python function of the numbers of one synapse with the
    names of what it returns, ``("w, x", function)``, and in that of ``transmit`` just a function; see
    `neuron_model.Definition`.

    Attributes
    ----------
    parameters
        Names with default values.
    variables
        The state of each synapse: names with initial values.
    equations
        Lines ``dx/dt = expression`` (per ms) for variables that change between spikes: linear in x, with coefficients
        of parameters, solved exactly. The others stay.
    on_pre, on_post
        What a presynaptic or postsynaptic spike changes at the synapse. If only one of them changes a variable with an
        equation, the other finds it as it was before the spikes of the step: spikes at the same step do not pair.
    transmit
        The weight with which a presynaptic spike acts, after ``on_pre``.
    positive
        Parameters that must be above 0.

    Raises
    ------
    ValueError
        If anything is not as said here, with the text and the rule.
    """

    parameters: Mapping[str, float]
    variables: Mapping[str, float]
    equations: str = ""
    on_pre: Code = ""
    on_post: Code = ""
    transmit: str | Callable[..., Any] = "w"
    positive: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_parameters(self.parameters)
        for what, names in (("parameters", self.parameters), ("variables", self.variables)):
            for name in names:
                if name in _TAKEN or not is_name(name) or (what == "variables" and name in self.parameters):
                    raise ValueError(f"{what}: {name!r} is not a name, or has a meaning already")
        for name, value in self.variables.items():
            if not math.isfinite(value):
                raise ValueError(f"variables: {name} must begin with a finite number, not {value}")
        for name in self.positive:
            if name not in self.parameters:
                raise ValueError(f"positive must be among {', '.join(self.parameters)}, not {name!r}")
        # Looked at now, so that a mistake is found here and not in the middle of a run.
        _ = self.laws, self.pre, self.post

    @cached_property
    def laws(self) -> dict[str, Linear]:
        """The equations by variable."""
        found = {}
        for line in differential(self.equations, {*self.parameters}):
            if not line.derivative or line.name not in self.variables:
                raise ValueError(f"equations: {line.name!r} must be a derivative of one of {', '.join(self.variables)}")
            others = names_in(line.value) & {*self.variables} - {line.name}
            if others:
                raise ValueError(
                    f"equations: d{line.name}/dt may not depend on {', '.join(sorted(others))}; "
                    f"calculate it in on_pre or on_post"
                )
            found[line.name] = linear(line)
        return found

    @cached_property
    def pre(self) -> Event:
        """The effect of a presynaptic spike."""
        lines = self._rule(self.on_pre, "on_pre")
        defined = {line.name for line in lines if isinstance(line, Assignment)} - {*self.variables, "w"}
        names = {*self._names, *defined}
        sent: ast.expr | UserFunction
        if isinstance(self.transmit, str):
            sent = expression(self.transmit, names, "transmit")
        else:
            sent = user_function(self.transmit, (), names, "transmit", "_user_transmit")
        self._all_used(lines, names_of(sent), "on_pre")
        return Event("pre", lines, sent)

    @cached_property
    def post(self) -> Event | None:
        """The effect of a postsynaptic spike, if there is any."""
        if self.on_post == "":
            return None
        lines = self._rule(self.on_post, "on_post")
        self._all_used(lines, set(), "on_post")
        return Event("post", lines, None)

    @property
    def _names(self) -> set[str]:
        return {*self.parameters, *self.variables, *_GIVEN}

    def _rule(self, code: Code, what: str) -> Sequence[Line]:
        changed = {*self.variables, "w"}
        if isinstance(code, str):
            return assignments(code, self._names, changed, what, own=True)
        return [user_function(code[1], targets(code[0], changed, what), self._names, what, f"_user_{what}")]

    def _all_used(self, lines: Sequence[Line], read: Collection[str], what: str) -> None:
        """A name that nothing uses is a variable with a slip of the pen."""
        used = {*read, *self.variables, "w"}
        for line in lines:
            used |= set() if isinstance(line, UserFunction) else names_in(line.value)
        for line in lines:
            if isinstance(line, Assignment) and line.name not in used:
                raise ValueError(f"{what}: {line.name!r} is none of the variables, and nothing uses it")

    @property
    def events(self) -> list[Event]:
        """Both, or one."""
        return [self.pre] if self.post is None else [self.pre, self.post]

    @property
    def functions(self) -> list[UserFunction]:
        """All Python functions in it."""
        return [part for event in self.events for part in (*event.lines, event.sent) if isinstance(part, UserFunction)]

    def one_sided(self, name: str) -> str | None:
        """Return the only side whose spikes change a variable with an equation; None if both do, or none."""
        sides = [event.side for event in self.events if name in event.changes]
        return sides[0] if name in self.laws and len(sides) == 1 else None
