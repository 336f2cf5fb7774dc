"""Random numbers in gates: linear feedback shift registers that go several steps at once."""

from amaranth.hdl import Cat, Value

__all__ = ["TAPS_16", "TAPS_32", "advanced"]

TAPS_16 = 0xB400
"""x^16 + x^14 + x^13 + x^11 + 1: all but 0 of 16 bits come before one comes again."""

TAPS_32 = 0xA3000000
"""x^32 + x^30 + x^26 + x^25 + 1: all but 0 of 32 bits come before one comes again."""


def advanced(state: Value, taps: int, steps: int) -> Value:
    """Return the state of a register after so many steps.

    In a step it is shifted to the right by a bit, and ``taps`` are added, bit by bit, if the bit that fell out is 1
    (Galois' form). A state of 0 stays.
    """
    sources: list[set[int]] = [{i} for i in range(len(state))]  # the bits of the state that each bit is the sum of
    for _ in range(steps):
        out, *kept = sources
        sources = [bits ^ out if taps >> i & 1 else bits for i, bits in enumerate([*kept, set()])]
    return Cat(Cat(state[i] for i in sorted(bits)).xor() for bits in sources)
