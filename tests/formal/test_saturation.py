# amaranth: UnusedElaboratable=no
"""Arithmetic of neurons saturates as documented, and never wraps: gates against exact arithmetic on wide numbers."""

from collections.abc import Callable

import pytest
from amaranth.hdl import Assert, Const, Module, Mux, Signal, Value, signed
from formal.prover import holds
from support.effort import examples

from synaptile.rtl.core import current_lif, current_lif_2, delta_lif, neuron, truenorth
from synaptile.rtl.core.arithmetic import DECAY_BITS, TAPS_32, advanced, saturated, towards_zero
from synaptile.rtl.core.neurons import neuron_of
from synaptile.rtl.core.params import CoreParams

pytestmark = pytest.mark.formal

BITS = 8  # of state


def clamped(value: Value, bits: int) -> Value:
    """A number as one of so many bits, by comparisons."""
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return Mux(value > high, high, Mux(value < low, low, value))


def divided(product: Value) -> Value:
    """A number over 4096, truncated towards zero, by the size of it."""
    return Mux(product < 0, -((-product) >> 12), product >> 12)


def alike(shape: object, function: Callable[[Value], Value], other: Callable[[Value], Value]) -> bool:
    """Whether two functions of a number have the same value for every number."""
    m = Module()
    number, seen = Signal(shape), Signal(shape)
    m.d.sync += seen.eq(number)
    m.d.comb += Assert(function(seen) == other(seen))
    return holds(m, [number], steps=2, induction=True)


@pytest.mark.parametrize(("wide", "bits"), [(9, 8), (10, 8), (24, 8), (33, 32), (6, 8), (8, 8), (3, 2)])
def test_saturated(wide: int, bits: int) -> None:
    assert alike(signed(wide), lambda x: saturated(x, bits), lambda x: clamped(x, bits))


def test_towards_zero() -> None:
    assert alike(signed(21), towards_zero, divided)


def test_functions_that_differ_are_found() -> None:
    assert not alike(signed(10), lambda x: x[:8].as_signed(), lambda x: clamped(x, 8))
    assert not alike(signed(21), lambda x: x >> 12, divided)


def fired(m: dict[str, Value], potential: Value) -> tuple[dict[str, Value], Value]:
    """What becomes of a neuron that has a refractory period, and whether it fires."""
    idle = m["left"] != 0
    crossed = ~idle & (potential >= m["threshold"])
    after = Mux(m["subtract"], clamped(potential - m["threshold"], BITS), m["reset"])
    return {"v": Mux(crossed, after, Mux(idle, m["v"], potential)), "left": Mux(idle, m["left"] - 1, Mux(
        crossed, m["refractory"], 0))}, crossed  # fmt: skip


def current(m: dict[str, Value], name: str, arriving: Value) -> Value:
    return clamped(towards_zero(m[name] * m[f"keep_{name}"]) + arriving * 2, BITS)


def current_lif_wide(m: dict[str, Value]) -> tuple[dict[str, Value], Value]:
    u = current(m, "u", m["total"])
    state, crossed = fired(m, clamped(towards_zero(m["v"] * m["keep_v"]) + u + m["bias"], BITS))
    return state | {"u": u}, crossed


def current_lif_2_wide(m: dict[str, Value]) -> tuple[dict[str, Value], Value]:
    exc, inh = current(m, "u_exc", m["total"].excitatory), current(m, "u_inh", m["total"].inhibitory)
    state, crossed = fired(m, clamped(towards_zero(m["v"] * m["keep_v"]) + exc + inh + m["bias"], BITS))
    return state | {"u_exc": exc, "u_inh": inh}, crossed


def delta_lif_wide(m: dict[str, Value]) -> tuple[dict[str, Value], Value]:
    leak = towards_zero(m["v"] * m["leak"])
    return fired(m, clamped(m["v"] - leak + m["total"] * 2 + m["bias"], BITS))


def sign(value: Value) -> Value:
    return Mux(value > 0, 1, Mux(value < 0, -1, 0))


def truenorth_wide(m: dict[str, Value]) -> tuple[dict[str, Value], Value]:
    low_byte, eta = m["random"][:8], m["random"][8:26] & m["mask"]
    hit = (m["leak"] >= low_byte) | (-m["leak"] >= low_byte)
    leak = Mux(m["stochastic_leak"], Mux(hit, sign(m["leak"]), 0), m["leak"])
    summed = clamped(m["v"] + m["total"], BITS)
    turned = Mux(summed < 0, -leak, Mux(summed == 0, 0, leak))
    v = clamped(summed + Mux(m["leak_reversal"], turned, leak), BITS)
    high, low = m["threshold"] + eta, -(m["negative_threshold"] + eta)
    crossed, floor = v >= high, -m["negative_threshold"]
    mode = m["reset_mode"]
    up = Mux(mode == 0, m["reset"], Mux(mode == 1, v - high, v))
    down = Mux(mode == 0, clamped(-m["reset"], BITS), Mux(mode == 1, v - low, v))
    below = Mux(m["saturate"], Mux(v < floor, floor, v), Mux(v < low, down, v))
    used = m["stochastic_leak"] | (m["mask"] != 0)
    return {"v": Mux(crossed, up, below), "random": Mux(used, advanced(m["random"], TAPS_32, 26), m["random"])}, crossed


MODELS = {
    "current-lif": (current_lif, current_lif_wide),
    "current-lif-2": (current_lif_2, current_lif_2_wide),
    "delta-lif": (delta_lif, delta_lif_wide),
    "truenorth": (truenorth, truenorth_wide),
}


def shown(name: str, decay: int | None = 4096) -> bool:
    """Whether a datapath does with any numbers, given for as long as it takes, what its equations say.

    Division is as in the gates, and shown to be right by itself. All decays are the given number, or any: a
    multiplication is hard to see through, and not what is to be shown.
    """
    params = CoreParams(
        axons=4, neurons=4, lanes=1, neuron=name, weight_bits=1 if name == "truenorth" else 6, state_bits=BITS,
        weight_shift=1, refractory_bits=2,
    )  # fmt: skip
    m = Module()
    m.submodules.unit = unit = neuron_of(params)
    inputs, held = [], {}
    loaded, age = Signal(), Signal(range(unit.latency + 3))
    m.d.sync += loaded.eq(1)
    for member in [*(n for n, variable in unit.variables.items() if variable.read is not None), "total"]:
        port = getattr(unit, member)
        given, kept = Signal.like(port, name=f"given_{member}"), Signal.like(port, name=f"kept_{member}")
        inputs.append(given)
        held[member] = kept
        with m.If(~loaded):
            m.d.sync += Value.cast(kept).eq(Value.cast(given))
        if decay is not None and (member.startswith("keep_") or (member == "leak" and name == "delta-lif")):
            held[member] = Const(decay, DECAY_BITS + 1)
        m.d.comb += port.eq(held[member])
    with m.If(loaded & (age < unit.latency + 2)):
        m.d.sync += age.eq(age + 1)
    state, crossed = MODELS[name][1](held)
    right = unit.fired == crossed
    for variable, after in state.items():
        written = Mux(getattr(unit, f"{variable}_write"), getattr(unit, f"{variable}_next"), held[variable])
        right &= written == after
    m.d.comb += Assert((age < unit.latency + 2) | right)
    return holds(m, inputs, steps=unit.latency + 4, induction=True)


@pytest.mark.parametrize("decay", examples([4096, 0], [4096, 0, 3001, None]))
@pytest.mark.parametrize("name", MODELS)
def test_a_datapath_is_its_equations(name: str, decay: int | None) -> None:
    assert shown(name, decay)


@pytest.mark.parametrize("name", MODELS)
def test_a_sum_that_wraps_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODELS[name][0], "saturated", lambda value, bits: Value.cast(value)[:bits].as_signed())
    assert not shown(name)


def test_a_threshold_that_wraps_when_it_is_subtracted_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neuron, "saturated", lambda value, bits: Value.cast(value)[:bits].as_signed())
    assert not shown("delta-lif")
