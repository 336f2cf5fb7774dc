"""What the neuron models of a core have in common."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from amaranth.hdl import Module, Mux, ShapeLike, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .arithmetic import saturated
from .params import CoreParams
from .shapes import total_shape

__all__ = ["Neuron", "Variable", "fire", "firing_variables"]


class Variable(NamedTuple):
    """A number of each neuron, in a memory of its own.

    Attributes
    ----------
    shape
        Its shape.
    read
        Cycle of the pipeline in which the memory is given the address; the value comes in the next. None for a variable
        that synapses use, and the datapath does not.
    write
        Cycle in which the new value is written; None for a parameter, which stays.
    """

    shape: ShapeLike
    read: int | None
    write: int | None = None


class Neuron(wiring.Component):
    """The datapath of one lane: a pipeline that takes another neuron in every cycle.

    Each variable is read in the cycle in which it is needed and written as soon as it is known, so that nothing has to
    be carried along from stage to stage.

    Members
    -------
    {name} : In(shape)
        Each variable, in the cycle after its ``read``.
    {name}_next : Out(shape)
        Its new value in the cycle ``write``.
    {name}_write : Out(1)
        It has one.
    total : In(total_shape)
        The sum of the weights that arrived, in the cycle after `total_read`.
    fired : Out(1)
        In the cycle `latency`.

    Attributes
    ----------
    variables
        By name, the state first.
    total_read
        Cycle in which the memory of the sums is given the address.
    latency
        Cycles from the first address to `fired`.
    """

    total_read: ClassVar[int]
    latency: ClassVar[int]

    @classmethod
    def variables_of(cls, params: CoreParams) -> Mapping[str, Variable]:
        """Return the model's variables by name, the state first."""
        raise NotImplementedError

    def __init__(self, params: CoreParams) -> None:
        self.params = params
        self.variables = dict(self.variables_of(params))
        members: dict[str, wiring.Member] = {}
        for name, variable in self.variables.items():
            if variable.read is not None:
                members[name] = In(variable.shape)
            if variable.write is not None:
                members |= {f"{name}_next": Out(variable.shape), f"{name}_write": Out(1)}
        super().__init__({**members, "total": In(total_shape(params)), "fired": Out(1)})


def firing_variables(params: CoreParams, cycle: int) -> dict[str, Variable]:
    """The variables that `fire` needs, if the new potential is known ``cycle`` cycles after the first address."""
    number = signed(params.state_bits)
    return {
        "left": Variable(params.refractory_bits, read=cycle - 2, write=cycle + 1),
        "threshold": Variable(number, read=cycle - 2),
        "reset": Variable(number, read=cycle - 2),
        "refractory": Variable(params.refractory_bits, read=cycle - 2),
        "subtract": Variable(1, read=cycle - 2),
    }


def fire(m: Module, neuron: Any, potential: Value) -> None:
    """Let a neuron fire where its new potential has reached the threshold; what follows is known a cycle later.

    During ``refractory`` ticks after a spike the potential stays as it is. After a spike it is ``reset``, or with
    ``subtract`` what it has over the threshold.
    """
    bits = neuron.params.state_bits
    threshold, reset, subtract = Signal(signed(bits)), Signal(signed(bits)), Signal()
    left, refractory = Signal.like(neuron.left), Signal.like(neuron.refractory)
    m.d.sync += [
        threshold.eq(neuron.threshold),
        reset.eq(neuron.reset),
        subtract.eq(neuron.subtract),
        left.eq(neuron.left),
        refractory.eq(neuron.refractory),
    ]
    idle, crossed, over = Signal(), Signal(), Signal(signed(bits + 1))
    m.d.comb += [idle.eq(left.any()), over.eq(potential - threshold), crossed.eq(~over[-1] & ~idle)]
    m.d.sync += [
        neuron.fired.eq(crossed),
        neuron.v_write.eq(~idle),
        neuron.v_next.eq(Mux(crossed, Mux(subtract, saturated(over, bits), reset), potential)),
        neuron.left_write.eq(idle | crossed),
        neuron.left_next.eq(Mux(idle, left - 1, refractory)),
    ]
