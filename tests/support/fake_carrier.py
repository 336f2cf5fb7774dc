"""A fake chip that compiled code can call, for tests of lock-step in the compiled loop."""

import ctypes

import numpy as np
from support.fake_chip import FakeChip

from synaptile.swsim.cosim import Carrier

__all__ = ["FakeCarrier"]

_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_int64))


class FakeCarrier(FakeChip):
    """Arrivals up to some steps late, each by its own number of steps; its own tile's at once.

    ``fails_at`` is a step that it cannot do, and ``compiled`` whether compiled code may call it; ``calls`` counts those
    calls.
    """

    def __init__(self, late=0, fails_at=None, *, compiled=True):
        super().__init__(late)
        self.fails_at = fails_at
        self.not_compiled = None if compiled else "it is not to be"
        self.calls = 0

    def exchange(self, step, fired):
        if step == self.fails_at:
            raise ValueError(f"step {step} cannot be done")
        self.sent[step] = fired.tolist()
        for neuron in fired.tolist():
            for tile in self.targets.get(neuron, ()):
                late = 0 if tile == self.tile[neuron] else (7 * neuron + 3 * tile + step) % (self.late + 1)
                self.under_way.setdefault(step + late, []).append((neuron, tile))
        arrivals = self.under_way.pop(step, [])[::-1]
        return tuple(np.array([pair[i] for pair in arrivals], np.int32) for i in (0, 1))

    def carrier(self):
        pairs = sorted((neuron, tile) for neuron, tiles in self.targets.items() for tile in tiles)
        number = {pair: k for k, pair in enumerate(pairs)}
        errors = []

        def call(desk):
            self.calls += 1
            assert desk[0] == 123
            at = ctypes.cast(desk[2], ctypes.POINTER(ctypes.c_int32))
            fired = np.array([at[k] for k in range(desk[3])], np.int32)
            try:
                neurons, tiles = self.exchange(desk[1], fired)
                arrived = sorted(number[p] for p in zip(neurons.tolist(), tiles.tolist(), strict=True))
            except ValueError as error:
                errors.append(error)
                desk[4] = 9
                return
            self._arrivals = np.array(arrived, np.int32)
            desk[4], desk[5], desk[6] = 0, self._arrivals.ctypes.data, len(arrived)

        def check(outcome):
            assert outcome == 9
            raise errors.pop()

        self._function = _FUNCTION(call)
        neuron, tile = np.array(pairs, np.int32).reshape(-1, 2).T
        address = ctypes.cast(self._function, ctypes.c_void_p).value
        return Carrier(address, 123, np.ascontiguousarray(neuron), np.ascontiguousarray(tile), check)
