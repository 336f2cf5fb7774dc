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

    def neuron() -> dict[str, int]:
        variables = {
            "v": number(4 * unit),
            "left": chance.choice([0, 0, 1, 3]),
            "bias": chance.choice([0, chance.randint(-unit, unit)]),
            "threshold": chance.choice([chance.randint(0, min(half - 1, 20 * unit)), number(8 * unit)]),
            "reset": number(4 * unit),
            "refractory": chance.choice([0, 0, 1, 2, (1 << params.refractory_bits) - 1]),
            "subtract": chance.randrange(2),
        }
        if params.neuron == "current-lif":
            keep = [0, 1, 2048, 4095, 4096, chance.randint(0, 4096), chance.randint(3000, 4096)]
            return variables | {"u": number(4 * unit), "keep_u": chance.choice(keep), "keep_v": chance.choice(keep)}
        return variables | {"leak": chance.choice([0, *(1 << n for n in range(13)), chance.randint(0, 4096)])}

    def target() -> tuple[int, int, int]:
        return chance.randrange(addresses), chance.randrange(params.axons), chance.randint(1, 15)

    room = params.targets
    targets: list[list[tuple[int, int, int]]] = []
    for _ in range(params.neurons):
        count = min(room, chance.choice([0, 1, 1, 2, 3]))
        room -= count
        targets.append([target() for _ in range(count)])
    return CoreTwin(
        params,
        [
            [chance.randint(low, high) if chance.random() < density else 0 for _ in range(params.neurons)]
            for _ in range(params.axons)
        ],
        [neuron() for _ in range(params.neurons)],
        targets,
    )
