"""A neurosynaptic core in plain Python."""

from dataclasses import dataclass, field

from synaptile.rtl.core.params import CoreParams

__all__ = ["CoreTwin", "Target", "neuron_twin", "updated"]

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


def _current(neuron, name, arriving, params):
    shifted = arriving << params.weight_shift
    kept = quotient(neuron[name] * neuron[f"keep_{name}"], 4096)
    neuron[name] = saturate(kept + shifted, params.state_bits)


def neuron_twin(params: CoreParams, neuron: dict[str, int], total: int) -> bool:
    """Update a neuron that needs but the sum of the weights that arrive, see `updated`."""
    return updated(params, neuron, [total])


def updated(params: CoreParams, neuron: dict[str, int], weights: list[int]) -> bool:
    """Update a neuron's variables in place, given the weights that arrive; whether it fires."""
    bits = params.state_bits
    if params.neuron == "delta-lif":
        leak = quotient(neuron["v"] * neuron["leak"], 4096)
        return _fire(
            neuron, saturate(neuron["v"] - leak + (sum(weights) << params.weight_shift) + neuron["bias"], bits), bits
        )
    if params.neuron == "current-lif":
        _current(neuron, "u", sum(weights), params)
        drive = neuron["u"]
    else:
        _current(neuron, "u_exc", sum(w for w in weights if w > 0), params)
        _current(neuron, "u_inh", sum(w for w in weights if w < 0), params)
        drive = neuron["u_exc"] + neuron["u_inh"]
    return _fire(neuron, saturate(quotient(neuron["v"] * neuron["keep_v"], 4096) + drive + neuron["bias"], bits), bits)


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
            if updated(self.params, neuron, [self.weights[axon][number] for axon in axons])
        ]

    def events(self, fired: list[int]) -> list[Target]:
        """What neurons send, in order."""
        return [target for neuron in fired for target in self.targets[neuron]]
