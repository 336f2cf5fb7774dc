"""An electrode for tests of the engine."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Pulse:
    """A constant current in nA into some neurons during the steps from grid point ``start`` to ``stop``."""

    neurons: npt.NDArray[np.int64]
    amplitude: float
    start: int
    stop: int

    def currents(self, first: int, count: int) -> npt.NDArray[np.float64]:
        """The current in each of those steps."""
        step = first + np.arange(count)
        return np.where((step >= self.start) & (step < self.stop), self.amplitude, 0.0)
