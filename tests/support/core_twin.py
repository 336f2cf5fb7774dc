"""A neurosynaptic core in plain Python."""

from dataclasses import dataclass, field

from synaptile.rtl.core.params import CoreParams

__all__ = ["CoreTwin", "Target", "neuron_twin", "shifted", "updated"]

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
    if params.neuron == "truenorth":
        return _truenorth(neuron, [weight - 1 for weight in weights if weight], bits)
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


def shifted(state: int, taps: int, steps: int) -> int:
    """A linear feedback shift register of Galois' form, so many steps later."""
    for _ in range(steps):
        state = state >> 1 ^ (taps if state & 1 else 0)
    return state


def _hit(weight, draw):
    return (1 if weight > 0 else -1) if weight and abs(weight) >= draw else 0


def _truenorth(neuron, kinds, bits):
    total = 0
    for kind in kinds:
        weight = neuron[f"weight_{kind}"]
        if neuron["stochastic_weights"] >> kind & 1:
            draw = neuron[f"draw_{kind}"]
            neuron[f"draw_{kind}"] = shifted(draw, 0xB400, 8)
            weight = _hit(weight, draw & 255)
        total += weight
    v = saturate(neuron["v"] + total, bits)
    leak, eta = neuron["leak"], 0
    if neuron["stochastic_leak"] or neuron["mask"]:
        if neuron["stochastic_leak"]:
            leak = _hit(leak, neuron["random"] & 255)
        eta = neuron["random"] >> 8 & neuron["mask"]
        neuron["random"] = shifted(neuron["random"], 0xA3000000, 26)
    if neuron["leak_reversal"]:
        leak = leak if v > 0 else -leak if v < 0 else 0
    v = saturate(v + leak, bits)
    high, low = neuron["threshold"] + eta, -neuron["negative_threshold"] - eta
    fired = v >= high
    if fired:
        v = (neuron["reset"], v - high, v)[neuron["reset_mode"]]
    elif neuron["saturate"]:
        v = max(v, -neuron["negative_threshold"])
    elif v < low:
        v = (saturate(-neuron["reset"], bits), v - low, v)[neuron["reset_mode"]]
    neuron["v"] = v
    return fired


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
