"""Whole-number arithmetic of neurons in gates."""

from amaranth.hdl import Cat, Mux, Value

__all__ = ["DECAY_BITS", "saturated", "towards_zero"]

DECAY_BITS = 12
"""Decays are whole numbers of 1/4096."""


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
