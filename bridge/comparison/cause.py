"""Why two runs of a network part: what was different for the neuron whose spike is the first that is not the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.swsim.trace import Trace

from ..engines.base import Ints
from .arrivals import Arrivals, LateSpike, events_of
from .traces import Comparison

__all__ = ["KINDS", "Cause", "Evidence", "RoundedWeight", "find_cause"]

KINDS = {
    "late spike": "a spike came to the neuron's tile in a later step than that in which it was fired",
    "lost spike": "a spike had not come to the neuron's tile by the end of the run",
    "merged spikes": "an axon takes one event in a step, and a source fired more often",
    "rounded weight": "not a packet: the weights of its synapses were rounded",
    "whole numbers": "not a packet: its parameters and potential are whole numbers",
    "overrun": "not a packet: cores were not done in time",
    "other stimuli": "not a packet: the spike sources of the two runs fired differently",
    "other synapses": "not a packet: the two networks have other synapses",
    "unknown": "not a packet that was seen",
}
"""The kinds of cause, and what they mean."""


@dataclass(frozen=True)
class RoundedWeight:
    """A weight as the chip has it.

    Attributes
    ----------
    source
        The presynaptic neuron.
    asked, realised
        In the unit of the trace.
    """

    source: int
    asked: float
    realised: float


@dataclass(frozen=True)
class Evidence:
    """What is known of a run on hardware besides its spikes.

    Attributes
    ----------
    arrivals
        When its packets arrived; None if that was not seen, as on a board.
    weight_error
        Shape (synapses,): realised less asked weight of each synapse of the trace; None if none was rounded.
    untimed
        Where neurons are those of cores: a function that gives who fires in each step up to one, as (step, neuron), if
        nothing is ever late; None where they are those of software.
    overruns
        Shape (steps,): cores that were not done when a step began; None where there are no cores.
    """

    arrivals: Arrivals | None
    weight_error: npt.NDArray[np.float64] | None = None
    untimed: Callable[[int], tuple[Ints, Ints]] | None = None
    overruns: Ints | None = None


@dataclass(frozen=True)
class Cause:
    """Why the first spike that is not the same is not.

    Attributes
    ----------
    kind
        One of `KINDS`.
    text
        The same in a sentence, with names and numbers.
    spike
        The late or lost spike: of several, that which was due last, and of these the strongest.
    count
        The number of late or lost spikes at synapses of the neuron that were due by then.
    weight
        The weight that was rounded most, of those that acted by then.
    """

    kind: str
    text: str
    spike: LateSpike | None = None
    count: int = 0
    weight: RoundedWeight | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        spike = None if self.spike is None else {**asdict(self.spike), "due": self.spike.due, "acted": self.spike.acted}
        weight = None if self.weight is None else asdict(self.weight)
        return {"kind": self.kind, "text": self.text, "spike": spike, "count": self.count, "weight": weight}


def find_cause(comparison: Comparison, reference: Trace, run: Trace, evidence: Evidence) -> Cause | None:
    """Return why two runs part where they do first; None if they are the same.

    Up to the step before, all spikes are the same, so that what is different for that neuron has come to it from other
    synapses, weights or arithmetic, or from the same spikes at another time.
    """
    first = comparison.alignment.first_difference()
    if first is None:
        return None
    step, neuron, _ = first
    if any(p.is_source and p.start <= neuron < p.stop for p in run.populations):
        return Cause("other stimuli", "Not a packet: it is a spike source, and fired otherwise in the reference.")
    if any(not np.array_equal(getattr(reference, name), getattr(run, name)) for name in ("pre", "post", "delay")):
        return Cause("other synapses", "Not a packet: the network of the reference has other synapses or delays.")
    if evidence.untimed is not None and _agrees(evidence.untimed(step), run, step):
        rounded = _rounded(run, neuron, step, evidence)
        return _merged(run, neuron, step, rounded) or rounded or _WHOLE
    late = [] if evidence.arrivals is None else evidence.arrivals.late(run, neuron, step)
    if late:
        return _late(run, late)
    # A core that is not done with a step is seen when the next one begins.
    cores = 0 if evidence.overruns is None else int(evidence.overruns[: step + 2].sum())
    if cores:
        were = "1 core was" if cores == 1 else f"cores were {cores:,} times"
        return Cause("overrun", f"Not a packet: by then, {were} not done with a step when the next one began.")
    if evidence.arrivals is None:
        return Cause("unknown", "The packets of this run were not seen, and whole numbers alone do not explain it.")
    return _rounded(run, neuron, step, evidence) or Cause(
        "unknown", "Not a packet: every spike that was due by then came to its tile in its own step."
    )


_NO_PACKET = "Not a packet: "
_WHOLE = Cause(
    "whole numbers",
    "Not a packet: in whole numbers it fires so without any delay; no weight that acted by then was rounded, but its "
    "threshold, time constants and potential are.",
)


def _agrees(fired: tuple[Ints, Ints], run: Trace, step: int) -> bool:
    """Whether the neurons of a run, spike sources apart, fire so up to a step."""
    source = np.zeros(run.neurons, bool)
    for population in run.populations:
        source[population.start : population.stop] = bool(population.is_source)
    mine = (run.spike_step <= step) & ~source[run.spike_neuron]
    when, who = fired
    order = np.lexsort((who, when))
    order = order[when[order] <= step]
    return np.array_equal(when[order], run.spike_step[mine]) and np.array_equal(who[order], run.spike_neuron[mine])


def _late(run: Trace, late: list[LateSpike]) -> Cause:
    spike = late[0]
    source, dt = _name(run, spike.source), run.dt
    text = f"{source[:1].upper()}{source[1:]} fired in step {spike.sent} ({spike.sent * dt:g} ms)"
    if spike.arrived is None or spike.acted is None:
        text += f", and the spike had not come to the neuron's tile when the run ended after step {run.steps - 1}"
    else:
        held = spike.arrived - spike.sent
        text += (
            f", and the spike came to the neuron's tile {held} step{'' if held == 1 else 's'} late, in step "
            f"{spike.arrived} (cycle {spike.cycle:,}): due in step {spike.due}, it acted in step {spike.acted}"
        )
    more = len(late) - 1
    text += "." if not more else f". So did {more:,} other{' that was' if more == 1 else 's that were'} due by then."
    return Cause("lost spike" if spike.arrived is None else "late spike", text, spike, len(late))


def _merged(run: Trace, neuron: int, step: int, rounded: Cause | None) -> Cause | None:
    events = events_of(run, neuron, step)
    same, count = np.unique(np.stack([events.synapse, events.sent]), axis=1, return_counts=True)
    if not (count > 1).any():
        return None
    at = np.flatnonzero(count > 1)[np.argmax(same[1][count > 1])]
    source = int(run.pre[same[0][at]])
    often = f"fired {count[at]} times in step {same[1][at]}"
    text = f"Not a packet: {_name(run, source)} {often}, and an axon takes one event."
    if rounded is None:
        return Cause("merged spikes", text)
    return Cause("merged spikes", f"{text} {rounded.text.replace(_NO_PACKET, 'Besides, ')}", weight=rounded.weight)


def _rounded(run: Trace, neuron: int, step: int, evidence: Evidence) -> Cause | None:
    if evidence.weight_error is None:
        return None
    acted = np.unique(events_of(run, neuron, step).synapse)
    error = evidence.weight_error[acted]
    if not error.any():
        return None
    most = int(acted[np.argmax(np.abs(error))])
    asked = float(run.weight[most])
    weight = RoundedWeight(int(run.pre[most]), asked, asked + float(evidence.weight_error[most]))
    text = (
        f"{_NO_PACKET}{np.count_nonzero(error):,} of {len(acted):,} weights that acted on it by then are rounded, that "
        f"from {_name(run, weight.source)} most, {weight.asked:.4g} to {weight.realised:.4g}."
    )
    return Cause("rounded weight", text, weight=weight)


def _name(run: Trace, neuron: int) -> str:
    for population in run.populations:
        if population.start <= neuron < population.stop:
            return f"neuron {neuron - population.start} of {population.label}"
    return f"neuron {neuron}"
