"""The parameters of a neurosynaptic core, and the widths that follow from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..parameter import Problem, declared, documented, parameter, single_problems, with_defaults

__all__ = ["DELAY_SLOTS", "NEURONS", "TYPE_WEIGHT_BITS", "CoreParams"]

DELAY_SLOTS = 16
"""Slots of the ring of axon events: an event acts 1 to 15 ticks after that in which it arrives."""

NEURONS = {
    "current-lif": "leaky integrate-and-fire with a synaptic current and a potential, both decaying",
    "current-lif-2": "the same with two currents, of positive and of negative weights, each with a decay of its own",
    "delta-lif": "leaky integrate-and-fire whose potential takes the weights at once",
    "truenorth": "IBM TrueNorth's, with a weight for each of four types of axons, and random numbers",
}
"""Neuron models by name."""

TYPE_WEIGHT_BITS = 9
"""Width of the weight that a neuron of TrueNorth's has for a type of axons, sign included."""

LANES = (1, 2, 4, 8, 16)


@dataclass(frozen=True, kw_only=True)
class CoreParams:
    """A core: so many axons, each with a synapse onto every neuron.

    Raises
    ------
    TypeError
        If a number is not an integer.
    ValueError
        If a parameter is out of its range, or the combination is impossible.
    """

    axons: int = parameter(256, low=4, high=1024, help="axons, each a row of the crossbar")
    neurons: int = parameter(256, low=4, high=1024, help="neurons, each a column of the crossbar")
    weight_bits: int = parameter(
        4,
        low=1,
        high=8,
        unit="bits",
        help="width of a synapse's weight, sign included",
        detail="A weight of a single bit is 0 or 1. TrueNorth's synapses are of one bit.",
    )
    neuron: str = parameter(
        "current-lif", type=str, choices=lambda: NEURONS, metavar="NAME", help="model of the core's neurons"
    )
    lanes: int = parameter(
        4,
        low=1,
        high=16,
        values=", ".join(map(str, LANES)),
        help="neurons that are handled in a cycle",
        detail="A power of two that divides the number of neurons.",
    )
    state_bits: int = parameter(
        18, low=8, high=32, unit="bits", help="width of currents, potentials and thresholds, which saturate"
    )
    weight_shift: int = parameter(
        6,
        low=0,
        high=12,
        unit="bits",
        help="bits by which sums of weights are shifted up before a neuron takes them",
        detail="So decays have digits below a weight of 1 to act on. TrueNorth's has none, and no shift.",
    )
    targets: int = parameter(
        1024,
        low=1,
        high=1 << 16,
        help="entries of the destination table, each a tile and an axon that a neuron sends to",
    )
    refractory_bits: int = parameter(6, low=1, high=16, unit="bits", help="width of a refractory period in ticks")
    readback: bool = parameter(
        False,
        type=bool,
        help="whether the host can read a core's memories through the network",
        detail="In simulation they can be seen anyway.",
    )
    counter_bits: int = parameter(
        0, low=0, high=32, unit="bits", help="width of the event counters in each core; 0 leaves them out"
    )

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield everything that is wrong with parameters; what is not given has its default."""
        single = single_problems(_PARAMETERS, values)
        yield from single
        if single:
            return
        given = with_defaults(_PARAMETERS, values)
        if given.lanes not in LANES:
            yield Problem("lanes", f"must be one of {', '.join(map(str, LANES))}", given.lanes)
        elif given.neurons % given.lanes:
            yield Problem("neurons", f"must be a multiple of the {given.lanes} lanes", given.neurons)
        if given.neuron == "truenorth" and given.weight_bits != 1:
            yield Problem(
                "weight_bits", "must be 1 for neuron truenorth, which has its weights itself", given.weight_bits
            )

    def __post_init__(self) -> None:
        for problem in self.problems(vars(self)):
            raise problem.error(str(problem))

    @property
    def groups(self) -> int:
        """Groups of as many neurons as there are lanes; a memory has one of them in a word."""
        return self.neurons // self.lanes

    @property
    def group_bits(self) -> int:
        """Width of a group's number."""
        return (self.groups - 1).bit_length()

    @property
    def lane_bits(self) -> int:
        """Width of a lane's number."""
        return (self.lanes - 1).bit_length()

    @property
    def neuron_bits(self) -> int:
        """Width of a neuron's number: that of its lane, and above it that of its group."""
        return self.group_bits + self.lane_bits

    @property
    def axon_bits(self) -> int:
        """Width of an axon's number."""
        return (self.axons - 1).bit_length()

    @property
    def target_bits(self) -> int:
        """Width of the number of an entry in the destination table."""
        return (self.targets - 1).bit_length()

    @property
    def sum_bits(self) -> int:
        """Width of the sum of a neuron's weights: that of all axons at once fits into it."""
        if self.neuron == "truenorth":
            return TYPE_WEIGHT_BITS + self.axon_bits
        return self.weight_bits + self.axon_bits + (self.weight_bits == 1)  # a single bit is 0 or 1, and has no sign


_PARAMETERS = declared(CoreParams)
CoreParams.__doc__ = documented(CoreParams.__doc__, _PARAMETERS)
