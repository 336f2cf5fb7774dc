"""Scales: everything fits, and the weights are rounded as well as they can be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.bridge.onchip.cells import Form
from synaptile.bridge.onchip.quantisation import (
    Weights,
    choose_shift,
    choose_state_bits,
    largest_scale,
    scales,
    weight_range,
)
from synaptile.rtl.core import CoreParams


def form_of(cells: int, threshold: float = 15.0, *, keep: float = 0.95, exact: bool = False) -> Form:
    zero, none = np.zeros(cells), np.zeros((2, cells))
    return Form(
        offset=zero,
        bias=zero,
        threshold=zero + threshold,
        reset=zero,
        keep=zero + keep,
        keep_current=none,
        gain=none + 1,
        later=zero.astype(int),
        subtract=zero.astype(int),
        refractory=zero.astype(int),
        v=zero,
        u=none,
        exact=np.full(cells, exact),
    )


def core_of(weight_bits: int, shift: int = 4, state_bits: int = 18) -> CoreParams:
    return CoreParams(weight_bits=weight_bits, weight_shift=shift, state_bits=state_bits)


def rounded(weights: Weights, scale: np.ndarray, core: CoreParams) -> np.ndarray:
    return np.rint(weights.value * scale[weights.cell] / (1 << core.weight_shift)).astype(int)


CELLS = 4


@st.composite
def problems(draw: st.DrawFn) -> tuple[Weights, CoreParams, float]:
    bits = draw(st.integers(1, 8))
    count = draw(st.integers(1, 25))
    numbers = st.floats(0.01 if bits == 1 else -3.0, 3.0, allow_nan=False, allow_subnormal=False)
    numbers = numbers.map(lambda number: number if abs(number) > 1e-100 else 0.0)
    values = np.array(draw(st.lists(numbers, min_size=count, max_size=count)))
    cell = np.array(draw(st.lists(st.integers(0, CELLS - 1), min_size=count, max_size=count)))
    core = core_of(bits, draw(st.integers(0, 12)), draw(st.sampled_from([8, 12, 18, 32])))
    return Weights(cell, values), core, draw(st.floats(0.5, 100.0))


@given(problems())
@settings(max_examples=200)
def test_everything_fits(problem: tuple[Weights, CoreParams, float]) -> None:
    weights, core, threshold = problem
    form = form_of(CELLS, threshold)
    scale = scales(form, weights, np.arange(CELLS), core, 4.0)
    lowest, highest = weight_range(core.weight_bits)
    whole = rounded(weights, scale, core)
    assert whole.min() >= lowest
    assert whole.max() <= highest
    top = (1 << (core.state_bits - 1)) - 1
    assert (4.0 * threshold * scale <= top * (1 + 1e-9)).all()
    assert (np.abs(weights.value) * scale[weights.cell] <= top * (1 + 1e-9)).all()


@given(problems())
@settings(max_examples=60)
def test_no_other_scale_that_fits_rounds_better(problem: tuple[Weights, CoreParams, float]) -> None:
    """Of those that make the largest weight of a neuron a whole number: all are tried, small ones too."""
    weights, core, threshold = problem
    form = form_of(CELLS, threshold)
    found = scales(form, weights, np.arange(CELLS), core, 4.0)
    step = float(1 << core.weight_shift)
    lowest, highest = weight_range(core.weight_bits)
    top = largest_scale(form, weights, core.state_bits, 4.0)
    for cell in range(CELLS):
        values = weights.value[weights.cell == cell]
        if not len(values) or not values.any():
            continue

        def error(scale: float, values: np.ndarray = values) -> float:
            return float(((np.rint(values * scale / step) * step / scale - values) ** 2).sum())

        for whole in range(1, max(highest, -lowest) + 1):
            scale = whole * step / np.abs(values).max()
            numbers = np.rint(values * scale / step)
            if scale <= top[cell] and numbers.min() >= lowest and numbers.max() <= highest:
                assert error(found[cell]) <= error(scale) * (1 + 1e-6) + 1e-18


def test_a_ratio_of_weights_that_can_be_exact_is() -> None:
    weights = Weights(np.zeros(3, int), np.array([1.0, -4.0, 0.5]))
    core = core_of(8)
    scale = scales(form_of(1), weights, np.zeros(1, int), core, 4.0)
    assert rounded(weights, scale, core).tolist() == [32, -128, 16]
    weights = Weights(np.zeros(2, int), np.array([1.0, 4.0]))
    scale = scales(form_of(1), weights, np.zeros(1, int), core, 4.0)
    assert rounded(weights, scale, core).tolist() == [31, 124]


def test_cells_of_a_group_share_a_scale_and_whole_number_cells_have_none() -> None:
    weights = Weights(np.array([0, 1, 2]), np.array([1.0, 2.0, 0.5]))
    form, group = form_of(3), np.array([0, 0, 1])
    scale = scales(form, weights, group, core_of(8), 4.0)
    assert scale[0] == scale[1] != scale[2]
    mixed = replace(form, exact=np.array([True, False, False]))
    assert scales(mixed, weights, group, core_of(8), 4.0).tolist() == [1.0, *scale[1:].tolist()]


def test_a_cell_without_weights_uses_the_width_of_its_state() -> None:
    scale = scales(form_of(1), Weights(np.zeros(0, int), np.zeros(0)), np.zeros(1, int), core_of(8), 4.0)
    assert scale[0] * 15.0 * 4.0 == pytest.approx((1 << 17) - 1)


@pytest.mark.parametrize("weight_bits", [2, 4, 8])
def test_the_shift_leaves_digits_for_weights_and_for_potentials(weight_bits: int) -> None:
    """Neither is a weight of one too large beside the threshold, nor do decays lose much."""
    rng = np.random.default_rng(0)
    weights = Weights(np.repeat(np.arange(20), 50), rng.uniform(-0.7, 0.7, 1000))
    form = form_of(20)
    core = core_of(weight_bits)
    shift = choose_shift(form, weights, core, 4.0)
    errors = []
    for tried in range(13):
        tried_core = core_of(weight_bits, tried)
        scale = scales(form, weights, np.arange(20), tried_core, 4.0)
        real = rounded(weights, scale, tried_core) * float(1 << tried) / scale[weights.cell]
        sums = np.sqrt(np.bincount(weights.cell, (real - weights.value) ** 2, 20))
        errors.append(float(np.mean(sums + 0.5 / scale / 0.05)))
    assert errors[shift] < 1.3 * min(errors)


def test_without_weights_there_is_nothing_to_shift() -> None:
    assert choose_shift(form_of(2), Weights(np.zeros(0, int), np.zeros(0)), core_of(8), 4.0) == 0


def test_small_time_steps_have_wider_numbers() -> None:
    weights = Weights(np.zeros(1, int), np.ones(1))
    assert choose_state_bits(form_of(1), weights, 4.0) == 18
    # Half a unit is lost of the current in each tick, 30 of them pile up, and the potential adds up 200 of these.
    slow = replace(form_of(1, keep=1 - 1 / 200), keep_current=np.full((2, 1), 1 - 1 / 30))
    lost = 0.5 * 200 * 31
    bits = choose_state_bits(slow, weights, 4.0)
    scale = largest_scale(slow, weights, bits, 4.0)[0]
    assert lost / (scale * 15) <= 0.01 < lost / (scale * 15) * 2
    assert bits > 18
    assert choose_state_bits(replace(slow, exact=np.ones(1, bool)), weights, 4.0) == 18


def test_what_is_rounded_up_beyond_an_uneven_range_does_not_fit() -> None:
    """Of two bits a weight is -2 to 1."""
    core = core_of(2, 0)
    for value, expected in ((1.45, [1, -2]), (1.55, [1, -1])):
        weights = Weights(np.zeros(2, int), np.array([value, -2.0]))
        scale = scales(form_of(1), weights, np.zeros(1, int), core, 4.0)
        assert rounded(weights, scale, core).tolist() == expected
