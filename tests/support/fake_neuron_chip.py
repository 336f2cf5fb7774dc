"""Hardware that runs whole-number neurons, imagined in plain Python: slow, and in time."""

from typing import Any

import numpy as np

__all__ = ["FakeNeuronChip"]

_DELAY_SLOTS = 16


class FakeNeuronChip:
    """`FixedPointLIF` and `FixedPointCurrentLIF`, calculated neuron by neuron with Python's whole numbers.

    Notes what it is asked: the networks, the first and last tick of each call, the traces.
    """

    def __init__(self, mode: str = "on-chip") -> None:
        self.mode = mode
        self.networks: list[Any] = []
        self.calls: list[tuple[int, int]] = []
        self.traces: list[Any] = []

    def program(self, network: Any) -> None:
        for population in network.populations:
            if not population.where.is_source and not population.where.celltype.startswith("FixedPoint"):
                raise ValueError(f"{population.where.celltype} of {population.where.label!r} has no form in this chip")
        self.networks.append(network)
        self.tick = 0
        self.arriving = [[0] * network.neurons for _ in range(_DELAY_SLOTS)]
        self.cells: dict[int, dict[str, int]] = {}
        for population in network.populations:
            for index in range(0 if population.where.is_source else population.where.size):
                values = {**population.parameters, **population.initial}
                cell = {name: int(array[index]) for name, array in values.items()}
                self.cells[population.where.start + index] = cell | {"left": 0}
        self.targets: dict[int, list[tuple[int, int, int]]] = {}
        rows = zip(network.pre, network.post, network.weight, network.delay, strict=True)
        for pre, post, weight, delay in rows:
            self.targets.setdefault(int(pre), []).append((int(post), int(weight), int(delay)))

    def run_ticks(self, first: int, last: int, step: Any, neuron: Any) -> tuple[Any, Any]:
        self.calls.append((first, last))
        fired = []
        for tick in range(first, last + 1):
            assert tick == self.tick, "ticks must be run in order"
            self.tick += 1
            now = [who for who, cell in self.cells.items() if tick and self._update(who, cell, tick)]
            fired += [(tick, who) for who in now]
            for who in [*now, *np.asarray(neuron)[np.asarray(step) == tick].tolist()]:
                for post, weight, delay in self.targets.get(who, ()):
                    self.arriving[(tick + delay) % _DELAY_SLOTS][post] += weight
        fired.reverse()  # any order will do
        return np.array([when for when, _ in fired], np.int64), np.array([who for _, who in fired], np.int32)

    def _update(self, who: int, cell: dict[str, int], tick: int) -> bool:
        slot = self.arriving[tick % _DELAY_SLOTS]
        weights, slot[who] = slot[who], 0
        half = 1 << (cell["bits"] - 1)
        if "u_decay" in cell:
            cell["u"] = _saturated(
                _truncated(cell["u"] * (4096 - cell["u_decay"]), 4096) + (weights << cell["weight_shift"]), half
            )
            potential = _truncated(cell["v"] * (4096 - cell["v_decay"]), 4096) + cell["u"] + cell["bias"]
        else:
            leak = _truncated(cell["v"], 1 << cell["leak_shift"]) if cell["leak_shift"] else 0
            potential = cell["v"] - leak + weights + cell["bias"]
        if cell["left"]:
            cell["left"] -= 1
            return False
        cell["v"] = _saturated(potential, half)
        if cell["v"] < cell["v_thresh"]:
            return False
        over = min(cell["v"] - cell["v_thresh"], half - 1)
        cell["v"], cell["left"] = over if cell["subtract"] else cell["v_reset"], cell["refractory"]
        return True

    def read(self, variable: str, neurons: Any) -> Any:
        if variable != "v":
            raise ValueError(f"this chip has no {variable}")
        return np.array([self.cells[int(who)][variable] for who in neurons], float)

    def end(self, trace: Any) -> None:
        self.traces.append(trace())


def _truncated(value: int, divisor: int) -> int:
    return value // divisor if value >= 0 else -(-value // divisor)


def _saturated(value: int, half: int) -> int:
    return max(-half, min(half - 1, value))
