"""Random contents of a neurosynaptic core."""

import random

from support.core_twin import CoreTwin

from synaptile.rtl.core.params import CoreParams

__all__ = ["random_core"]


def random_core(params: CoreParams, chance: random.Random, addresses: int, *, density: float = 0.5) -> CoreTwin:
    """A core in which much happens: some neurons fire often, some saturate."""
    half = 1 << (params.state_bits - 1)
    low, high = (
        (0, 1) if params.weight_bits == 1 else (-(1 << (params.weight_bits - 1)), (1 << (params.weight_bits - 1)) - 1)
    )
    unit = 1 << params.weight_shift

    def number(scale: int) -> int:
        return max(-half, min(half - 1, chance.choice([chance.randint(-scale, scale), chance.randrange(-half, half)])))

    def truenorth() -> dict[str, int]:
        size = min(half - 1, chance.choice([1, 20, 300, half - 1]))
        return {
            "v": number(300),
            "random": chance.randrange(1, 1 << 32),
            **{f"draw_{kind}": chance.randrange(1, 1 << 16) for kind in range(4)},
            **{f"weight_{kind}": chance.choice([chance.randint(-255, 255), 255, -255, 0, 1]) for kind in range(4)},
            "stochastic_weights": chance.randrange(16),
            "leak": chance.choice([0, chance.randint(-255, 255), chance.randint(-9, 9)]),
            "leak_reversal": chance.randrange(2),
            "stochastic_leak": chance.randrange(2),
            "threshold": chance.randint(0, size),
            "negative_threshold": chance.randint(0, size),
            "mask": chance.choice([0, 1, 15, chance.randrange(1 << min(params.state_bits - 1, 18))]),
            "reset": number(100),
            "reset_mode": chance.randrange(3),
            "saturate": chance.randrange(2),
        }

    def neuron() -> dict[str, int]:
        if params.neuron == "truenorth":
            return truenorth()
        variables = {
            "v": number(4 * unit),
            "left": chance.choice([0, 0, 1, 3]),
            "bias": chance.choice([0, chance.randint(-unit, unit)]),
            "threshold": chance.choice([chance.randint(0, min(half - 1, 20 * unit)), number(8 * unit)]),
            "reset": number(4 * unit),
            "refractory": chance.choice([0, 0, 1, 2, (1 << params.refractory_bits) - 1]),
            "subtract": chance.randrange(2),
        }
        if params.neuron != "delta-lif":
            keep = [0, 1, 2048, 4095, 4096, chance.randint(0, 4096), chance.randint(3000, 4096)]
            currents = ["u"] if params.neuron == "current-lif" else ["u_exc", "u_inh"]
            variables |= {name: number(4 * unit) for name in currents}
            return variables | {f"keep_{name}": chance.choice(keep) for name in ["v", *currents]}
        return variables | {"leak": chance.choice([0, *(1 << n for n in range(13)), chance.randint(0, 4096)])}

    def target() -> tuple[int, int, int]:
        return chance.randrange(addresses), chance.randrange(params.axons), chance.randint(1, 15)

    room = params.targets
    targets: list[list[tuple[int, int, int]]] = []
    for _ in range(params.neurons):
        count = min(room, chance.choice([0, 1, 1, 2, 3]))
        room -= count
        targets.append([target() for _ in range(count)])
    weights = []
    for _ in range(params.axons):
        if params.neuron == "truenorth":
            low = high = chance.randint(1, 4)  # the type of the axon, and 1
        weights.append([chance.randint(low, high) if chance.random() < density else 0 for _ in range(params.neurons)])
    return CoreTwin(params, weights, [neuron() for _ in range(params.neurons)], targets)
