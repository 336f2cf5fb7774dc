"""The contract between the software simulator and hardware that carries its spikes while the network runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .onchip import OnChipNetwork
from .trace import PopulationSlice, Trace

__all__ = [
    "HARDWARE_MODES",
    "LOCK_STEP",
    "ON_CHIP",
    "Carrier",
    "CarriesInCompiledCode",
    "CoSimulator",
    "NeuronHardware",
    "NoReference",
    "ProjectionWeights",
    "RoundsWeights",
    "WantsReference",
    "Wiring",
]

LOCK_STEP, ON_CHIP = "lock-step", "on-chip"

HARDWARE_MODES = {
    LOCK_STEP: "neurons are simulated in software, and the hardware carries their spikes (`CoSimulator`)",
    ON_CHIP: "neurons are those of the hardware, and only spike sources are simulated in software (`NeuronHardware`)",
}
"""What hardware can do for a network, by the names that ``setup(hardware_mode=...)`` takes."""


@dataclass(frozen=True)
class Wiring:
    """The network as the hardware must map it: neurons, connections (delay in steps) and populations."""

    dt: float
    neurons: int
    pre: npt.NDArray[np.int32]
    post: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float64]
    delay: npt.NDArray[np.int32]
    populations: Sequence[PopulationSlice]
    seed: int


class CoSimulator(Protocol):
    """Hardware in lock-step with the network.

    The rule that both sides keep: the synapses of a spike onto a tile act ``delay`` steps after the step *in which its
    packet arrived*. A packet that arrives within the step that emitted it therefore acts exactly as in software, and
    one that needs n further steps acts n steps later.
    """

    def begin(self, wiring: Wiring) -> npt.NDArray[np.int32]:
        """Map the network and make the hardware ready; return each neuron's tile, shape (neurons,).

        Called once before the first step, and again after every reset; not when only weights or delays change. Raises
        ``ValueError`` (with what would fit) if the network does not fit.
        """
        ...

    def exchange(self, step: int, spikes: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Send the spikes of a step (sorted neuron ids) and run the hardware to the end of that step.

        A spike source may fire several times in a step: its id is there as often, and every spike is sent.

        Returns (neuron, tile) of every arrival in this step, shape (arrivals,) each, those of earlier steps' spikes
        included; several spikes that arrive are there as often. Tiles on which a neuron has synapses of its own tile
        count as arriving at once.
        """
        ...

    def end(self, trace: Callable[[], Trace]) -> None:
        """Take a function that puts the trace together; called at the end of every ``run``, also of one that fails.

        The trace is that of everything run when the function is called, at any time until the next `begin`; this costs
        time and memory in proportion to the connections, so that it is better not done for each of many short runs.
        """
        ...


@dataclass(frozen=True)
class Carrier:
    """Hardware in lock-step as compiled code calls it, in place of `CoSimulator.exchange`.

    Arrivals are numbers: number k is a spike of ``neuron[k]`` at ``tile[k]``, for all tiles on which a neuron has
    synapses, its own included.

    Attributes
    ----------
    address
        Of a C function ``void exchange(int64_t *desk)``. It reads ``desk[0]``, the ``state``, ``desk[1]``, the step,
        and ``desk[2]`` and ``desk[3]``, the address and the number of that step's spikes, ``int32_t`` ids in ascending
        order, several of a source side by side. It writes ``desk[4]``, 0 if all went well; and ``desk[5]`` and
        ``desk[6]``, the address and the number of the step's arrivals, ``int32_t`` in ascending order, several of one
        number side by side, which stay there until the next call.
    state
        What it is called for.
    neuron, tile
        Shape (numbers,), sorted by neuron, then by tile.
    check
        Raises what went wrong, given what is in ``desk[4]``.
    """

    address: int
    state: int
    neuron: npt.NDArray[np.int32]
    tile: npt.NDArray[np.int32]
    check: Callable[[int], None]


class CarriesInCompiledCode(Protocol):
    """Hardware in lock-step that compiled code may call, step by step without Python."""

    @property
    def not_compiled(self) -> str | None:
        """Why it cannot be called so, to be put behind a colon; None if it can. Asked at any time."""
        ...

    def carrier(self) -> Carrier:
        """What compiled code calls, for the network of the last `CoSimulator.begin`, and until the next one.

        Steps go through it or through `CoSimulator.exchange`, as the network likes. Not called if `not_compiled`.
        """
        ...


@dataclass(frozen=True)
class ProjectionWeights:
    """The weights of a projection that carries spikes.

    Attributes
    ----------
    label
        Of the projection.
    weight, post
        Shape (connections,): weights as the script has set them, and postsynaptic neurons.
    plastic
        Whether they change by themselves.
    whole
        Whether they have to be whole numbers, for neurons that calculate in such.
    """

    label: str
    weight: npt.NDArray[np.float64]
    post: npt.NDArray[np.int32]
    plastic: bool
    whole: bool


class RoundsWeights(Protocol):
    """Hardware in lock-step that may hold weights less exactly than software."""

    @property
    def rounds_weights(self) -> bool:
        """Whether it does."""
        ...

    def realised_weights(self, projections: Sequence[ProjectionWeights]) -> Sequence[npt.NDArray[np.float64] | None]:
        """Return the weights of each projection as the hardware has them; None for those of software.

        Called after `CoSimulator.begin` if `rounds_weights`, and again when weights were set in the middle of a run.
        Those of plastic projections cannot be others. Raises ``ValueError`` if some have no form in the hardware.
        """
        ...


class NeuronHardware(Protocol):
    """Hardware that computes the neurons itself; spike sources stay in software.

    Step k of the network is tick k of the hardware: in it the neurons are updated, and the sources' spikes of step k
    are sent. In tick 0 neurons only hold their initial states, so that only sources can fire in it.
    """

    def program(self, network: OnChipNetwork) -> None:
        """Take a network as it stands before step 0, onto fresh hardware.

        Called before the first step, and again after every reset. Raises ``ValueError``, saying what would do, if the
        network does not fit or something in it has no form in the hardware.
        """
        ...

    def run_ticks(
        self, first: int, last: int, step: npt.NDArray[np.int64], neuron: npt.NDArray[np.int32]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Run ticks ``first`` to ``last``, both included; each is asked for once, in order.

        ``step`` and ``neuron`` are the spikes of the sources in them, shape (spikes,) each, by step, then neuron. A
        source that fires several times in a step is there as often.

        Returns (step, neuron) of every spike of a neuron in these ticks, in any order.
        """
        ...

    def read(self, variable: str, neurons: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """The present values of a state variable, in the unit of the cell type, of neurons of one population.

        Raises ``ValueError`` if the hardware has nothing for that variable.
        """
        ...

    def end(self, trace: Callable[[], Trace]) -> None:
        """Take a function that puts the trace together, as `CoSimulator.end` does."""
        ...


class NoReference(RuntimeError):  # noqa: N818 - nothing went wrong
    """What a network would have done in software is not known; the message says why, in one line."""


class WantsReference(Protocol):
    """Hardware of either kind that may want to know what the network would have done without it."""

    @property
    def wants_reference(self) -> bool:
        """Whether it does; asked before the first step, and again after every reset."""
        ...

    def take_reference(self, reference: Callable[[], Trace]) -> None:
        """Take a function that runs the same network in software and gives that trace; called before every `end`.

        The spikes of its sources are those of the run with the hardware, and whatever a script changes between its runs
        is changed there at the same step. It may be called at any time until the next `begin` or `program`, and raises
        `NoReference` if something was changed that cannot be changed there.
        """
        ...
