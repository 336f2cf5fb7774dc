"""Whole-number arithmetic of neurons in gates, and their random numbers."""

from amaranth.hdl import Cat, Mux, Value

__all__ = ["DECAY_BITS", "TAPS_16", "TAPS_32", "advanced", "saturated", "towards_zero"]

DECAY_BITS = 12
"""Decays are whole numbers of 1/4096."""

TAPS_16 = 0xB400
"""x^16 + x^14 + x^13 + x^11 + 1: all but 0 of 16 bits come before one comes again."""

TAPS_32 = 0xA3000000
"""x^32 + x^30 + x^26 + x^25 + 1: all but 0 of 32 bits come before one comes again."""


def saturated(value: Value, bits: int) -> Value:
    """Return a signed value as one of ``bits`` bits: the highest or lowest of these where it lies beyond."""
    value = Value.cast(value)
    if len(value) <= bits:
        return value
    above = value[bits - 1 :]  # alike in all bits if the value fits
    sign = value[-1]
    fits = ~(above.any() & ~above.all())
    extreme = Cat((~sign).replicate(bits - 1), sign)
    return Mux(fits, value[:bits], extreme).as_signed()


def towards_zero(product: Value) -> Value:
    """Return a signed product divided by 4096, truncated towards zero."""
    product = Value.cast(product)
    whole = product[DECAY_BITS:].as_signed()
    rest = product[:DECAY_BITS].any() & product[-1]
    return whole + rest


def advanced(state: Value, taps: int, steps: int) -> Value:
    """Return the state of a linear feedback shift register after so many steps.

    In a step it is shifted to the right by a bit, and ``taps`` are added, bit by bit, if the bit that fell out is 1
    (Galois' form). A state of 0 stays.
    """
    sources: list[set[int]] = [{i} for i in range(len(state))]  # the bits of the state that each bit is the sum of
    for _ in range(steps):
        out, *kept = sources
        sources = [bits ^ out if taps >> i & 1 else bits for i, bits in enumerate([*kept, set()])]
    return Cat(Cat(state[i] for i in sorted(bits)).xor() for bits in sources)
