"""A neurosynaptic core in plain Python."""

from dataclasses import dataclass, field

from synaptile.rtl.core.params import CoreParams

__all__ = ["CoreTwin", "Target", "neuron_twin"]

Target = tuple[int, int, int]
"""Address, axon and delay."""


def quotient(product, divisor):
    """Divide with truncation towards zero."""
    return product // divisor if product >= 0 else -(-product // divisor)


def saturate(value, bits):
    return min((1 << (bits - 1)) - 1, max(-(1 << (bits - 1)), value))


def _fire(neuron, potential, bits):
    if neuron["left"]:
        neuron["left"] -= 1
        return False
    neuron["v"] = potential
    if potential < neuron["threshold"]:
        return False
    over = saturate(potential - neuron["threshold"], bits)
    neuron["v"] = over if neuron["subtract"] else neuron["reset"]
    neuron["left"] = neuron["refractory"]
    return True


def neuron_twin(params: CoreParams, neuron: dict[str, int], total: int) -> bool:
    """Update a neuron's variables in place; whether it fires."""
    bits = params.state_bits
    shifted = total << params.weight_shift
    if params.neuron == "current-lif":
        neuron["u"] = saturate(quotient(neuron["u"] * neuron["keep_u"], 4096) + shifted, bits)
        return _fire(
            neuron, saturate(quotient(neuron["v"] * neuron["keep_v"], 4096) + neuron["u"] + neuron["bias"], bits), bits
        )
    leak = quotient(neuron["v"] * neuron["leak"], 4096)
    return _fire(neuron, saturate(neuron["v"] - leak + shifted + neuron["bias"], bits), bits)


@dataclass
class CoreTwin:
    """Weights by axon and neuron, variables and targets by neuron; events by tick."""

    params: CoreParams
    weights: list[list[int]]
    neurons: list[dict[str, int]]
    targets: list[list[Target]]
    time: int = 0
    due: dict[int, set[int]] = field(default_factory=dict)

    def arrive(self, axon: int, delay: int) -> None:
        """Take an event."""
        self.due.setdefault(self.time + delay, set()).add(axon)

    def tick(self) -> list[int]:
        """Begin a tick and finish it; the neurons that fire, ascending."""
        self.time += 1
        axons = self.due.pop(self.time, set())
        return [
            number
            for number, neuron in enumerate(self.neurons)
            if neuron_twin(self.params, neuron, sum(self.weights[axon][number] for axon in axons))
        ]

    def events(self, fired: list[int]) -> list[Target]:
        """What neurons send, in order."""
        return [target for neuron in fired for target in self.targets[neuron]]
