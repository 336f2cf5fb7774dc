"""TrueNorth's neuron, written from the equations of Cassidy et al. 2013 (IJCNN), and networks of it.

Whole numbers without limits, and the paper's own letters: s weights and b their stochastic modes by type of axon, lam,
eps and c of the leak, alpha, beta and mask M of the thresholds, R, gamma and kappa of the reset. Random numbers come
from outside.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Equations", "Register", "equations_of", "run"]


def sgn(x):
    return (x > 0) - (x < 0)


def delta(x):
    return int(x == 0)


def compared(s, rho):
    """F of the paper: whether the size of a number is at least a random one."""
    return int(abs(s) >= rho)


class Register:
    """A linear feedback shift register as the power of x in a field: each step multiplies by x, modulo a polynomial.

    The state's lowest bit is the coefficient of the highest power.
    """

    def __init__(self, state: int, powers: Sequence[int]) -> None:
        """The polynomial is x^powers[0] + x^powers[1] + ..., and the last is x^0."""
        self.width, self.powers = powers[0], powers
        self.terms = {self.width - 1 - bit for bit in range(self.width) if state >> bit & 1}

    def step(self, steps: int) -> None:
        for _ in range(steps):
            terms = {power + 1 for power in self.terms}
            self.terms = terms ^ set(self.powers) if self.width in terms else terms

    def bits(self, low: int, high: int) -> int:
        """Bits of the state from ``low`` to below ``high``."""
        return sum(1 << (bit - low) for bit in range(low, high) if self.width - 1 - bit in self.terms)


@dataclass
class Equations:
    """A neuron: parameters, potential, and its random numbers."""

    s: Sequence[int] = (0, 0, 0, 0)
    b: Sequence[int] = (0, 0, 0, 0)
    lam: int = 0
    eps: int = 0
    c: int = 0
    alpha: int = 1
    beta: int = 0
    M: int = 0
    R: int = 0
    gamma: int = 0
    kappa: int = 1
    V: int = 0
    synapse: Callable[[int], int] = field(default=lambda kind: 0)
    leak_and_threshold: Callable[[], tuple[int, int]] = field(default=lambda: (0, 0))

    def tick(self, kinds: Sequence[int]) -> bool:
        """Take the spikes that arrive, by the types of their axons; whether it fires."""
        for g in kinds:
            rho = self.synapse(g) if self.b[g] else 0
            self.V += (1 - self.b[g]) * self.s[g] + self.b[g] * compared(self.s[g], rho) * sgn(self.s[g])
        rho_leak, rho_threshold = self.leak_and_threshold() if self.c or self.M else (0, 0)
        omega = (1 - self.eps) + self.eps * sgn(self.V)
        self.V += omega * ((1 - self.c) * self.lam + self.c * compared(self.lam, rho_leak) * sgn(self.lam))
        eta = rho_threshold & self.M
        gamma, kappa, high, low = self.gamma, self.kappa, self.alpha + eta, self.beta + eta
        if high <= self.V:
            self.V = delta(gamma) * self.R + delta(gamma - 1) * (self.V - high) + delta(gamma - 2) * self.V
            return True
        if -(self.beta * kappa + low * (1 - kappa)) > self.V:
            rest = -delta(gamma) * self.R + delta(gamma - 1) * (self.V + low) + delta(gamma - 2) * self.V
            self.V = -self.beta * kappa + rest * (1 - kappa)
        return False


def equations_of(values: Mapping[str, int]) -> Equations:
    """The equations with the parameters of a neuron of ours, and random numbers from the states of its registers."""
    random = Register(values["random"], (32, 7, 6, 2, 0))
    draws = [Register(values[f"draw_{g}"], (16, 5, 3, 2, 0)) for g in range(4)]

    def synapse(kind):
        rho = draws[kind].bits(0, 8)
        draws[kind].step(8)
        return rho

    def leak_and_threshold():
        rho = random.bits(0, 8), random.bits(8, 26)
        random.step(26)
        return rho

    return Equations(
        s=[values[f"weight_{g}"] for g in range(4)], b=[values["stochastic_weights"] >> g & 1 for g in range(4)],
        lam=values["leak"], eps=values["leak_reversal"], c=values["stochastic_leak"], alpha=values["threshold"],
        beta=values["negative_threshold"], M=values["mask"], R=values["reset"], gamma=values["reset_mode"],
        kappa=values["saturate"], synapse=synapse, leak_and_threshold=leak_and_threshold,
    )  # fmt: skip


def run(neurons, wires, inputs, ticks):
    """Ticks 1 to ``ticks`` of a network: sets of who fires and lists of potentials, by tick.

    ``wires`` are (pre, post, type of axon, delay), ``inputs`` the spikes of sources by tick; a pre below 0 is source
    -1 - pre.
    """
    due: dict[int, list[list[int]]] = {}

    def send(pre, tick):
        for source, post, kind, delay in wires:
            if source == pre:
                due.setdefault(tick + delay, [[] for _ in neurons])[post].append(kind)

    spikes, potentials = [], []
    for tick in range(1, ticks + 1):
        arriving = due.pop(tick, [[] for _ in neurons])
        fired = {n for n, neuron in enumerate(neurons) if neuron.tick(sorted(arriving[n]))}
        for source in inputs.get(tick, ()):
            send(-1 - source, tick)
        for n in fired:
            send(n, tick)
        spikes.append(fired)
        potentials.append([neuron.V for neuron in neurons])
    return spikes, potentials
