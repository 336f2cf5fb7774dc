"""Random numbers of neurons in gates."""

import numpy as np
import pytest
from support.core_twin import shifted
from support.truenorth_equations import Register

from synaptile.swsim.neurons.shift_registers import advance_16, advance_32, seeded

# Width, taps of Galois' form, powers in the field, steps at once, and the primes of the period.
REGISTERS = [
    (16, 0xB400, (16, 5, 3, 2, 0), 8, advance_16, (3, 5, 17, 257)),
    (32, 0xA3000000, (32, 7, 6, 2, 0), 26, advance_32, (3, 5, 17, 257, 65537)),
]


@pytest.mark.parametrize(("width", "taps", "powers", "steps", "advance", "primes"), REGISTERS)
def test_each_goes_so_many_steps(width, taps, powers, steps, advance, primes):
    rng = np.random.default_rng(width)
    states = rng.integers(1, 1 << width, 200, dtype=np.uint32)
    after = advance(states)
    assert after.tolist() == [shifted(int(state), taps, steps) for state in states]
    for state, new in zip(states[:20], after[:20], strict=True):
        register = Register(int(state), powers)
        register.step(steps)
        assert register.bits(0, width) == new
    assert advance(np.zeros(1, np.uint32)).tolist() == [0]


@pytest.mark.parametrize(("width", "taps", "powers", "steps", "advance", "primes"), REGISTERS)
def test_all_states_come_before_one_comes_again(width, taps, powers, steps, advance, primes):
    """The polynomial is primitive, and the steps at once have no factor in common with the period."""
    polynomial, period = sum(1 << power for power in powers), (1 << width) - 1

    def product(a, b):
        result = 0
        while b:
            result ^= a if b & 1 else 0
            a = a << 1 ^ (polynomial if a >> (width - 1) & 1 else 0)
            b >>= 1
        return result

    def power(exponent):
        result, base = 1, 2
        while exponent:
            result = product(result, base) if exponent & 1 else result
            base, exponent = product(base, base), exponent >> 1
        return result

    assert np.prod(primes) == period
    assert power(period) == 1
    assert all(power(period // prime) != 1 for prime in primes)
    assert np.gcd(steps, period) == 1


def test_seeds_give_states_that_are_not_zero_and_not_alike():
    seeds = np.arange(5000.0)
    for bits in (16, 32):
        states = [seeded(seeds, number, bits) for number in range(3)]
        for values in states:
            assert values.min() >= 1
            assert values.max() <= 2**bits - 1
            assert abs(values.mean() / 2**bits - 0.5) < 0.02
        assert abs(np.corrcoef(states[0], states[1])[0, 1]) < 0.05
        assert abs(np.corrcoef(states[0][1:], states[0][:-1])[0, 1]) < 0.05
    # SplitMix64 with a seed of 1 begins with 0x910A2DEC89025CC1.
    assert seeded(np.array([1.0]), 0, 32).tolist() == [1 + (0x910A2DEC89025CC1 * (2**32 - 1) >> 64)]
