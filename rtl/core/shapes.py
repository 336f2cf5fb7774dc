"""Shapes of what passes between the parts of a core."""

from amaranth.hdl import ShapeLike, signed, unsigned
from amaranth.lib import data

from .params import CoreParams

__all__ = ["total_shape", "weight_shape"]


def weight_shape(params: CoreParams) -> ShapeLike:
    """Shape of a weight: signed, but for one of a single bit, which is 0 or 1.

    For TrueNorth's neuron it is 0 where there is no synapse, else 1 more than the type of the axon, so 0 to 4.
    """
    if params.neuron == "truenorth":
        return unsigned(3)
    return unsigned(1) if params.weight_bits == 1 else signed(params.weight_bits)


def total_shape(params: CoreParams) -> ShapeLike:
    """Shape of the sum of the weights that a neuron receives in a tick; two sums where the neuron has two currents."""
    number = signed(params.sum_bits)
    if params.neuron != "current-lif-2":
        return number
    return data.StructLayout({"excitatory": number, "inhibitory": number})
