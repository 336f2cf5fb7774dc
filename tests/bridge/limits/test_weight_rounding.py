"""Weights in so many bits, held against the rule put down the long way."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.errors import MappingError
from synaptile.bridge.limits.weight_rounding import RoundedWeights, levels, round_weights
from synaptile.swsim.cosim import ProjectionWeights

WEIGHTS = st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda w: w == 0 or abs(w) > 1e-6)


def part(weight: list[float], post: list[int] | None = None, **what: bool) -> ProjectionWeights:
    ends = np.array([0] * len(weight) if post is None else post, np.int32)
    return ProjectionWeights("p", np.array(weight, float), ends, **{"plastic": False, "whole": False, **what})


def test_levels_of_bits() -> None:
    assert [levels(bits, signed=False) for bits in (1, 2, 4, 8)] == [1, 3, 15, 255]
    assert [levels(bits, signed=True) for bits in (1, 2, 4, 8)] == [0, 1, 7, 127]


@given(st.data())
@settings(max_examples=examples(100, 2000), deadline=None)
def test_every_weight_is_the_nearest_multiple(data: st.DataObject) -> None:
    """Of the number that makes the largest the largest of its bits, in fractions, which do not round."""
    bits = data.draw(st.integers(2, 12))
    weight = data.draw(st.lists(WEIGHTS, min_size=1, max_size=20))
    post = data.draw(st.lists(st.integers(0, 3), min_size=len(weight), max_size=len(weight)))
    scale = data.draw(st.sampled_from(["projection", "neuron"]))
    rounded = round_weights(np.array(weight), np.array(post, np.int32), bits, scale, "p")
    for neuron in {*post}:
        mine = [i for i in range(len(weight)) if scale == "projection" or post[i] == neuron]
        exact = [Fraction(weight[i]) for i in mine]
        largest = max(map(abs, exact))
        signed = min(exact) < 0 < max(exact)
        step = largest / ((1 << (bits - 1)) - 1 if signed else (1 << bits) - 1)
        for i, asked in zip(mine, exact, strict=True):
            if not step:
                assert rounded[i] == 0
                continue
            got = Fraction(float(rounded[i]))
            whole = round(got / step)
            assert abs(got - whole * step) <= step / 10**9
            assert abs(asked - whole * step) <= step * (Fraction(1, 2) + Fraction(1, 10**9))
            if abs(asked) == largest:
                assert got == asked


@given(st.lists(WEIGHTS.map(abs), min_size=1, max_size=20), st.integers(2, 12))
@settings(max_examples=examples(50, 500), deadline=None)
def test_rounding_again_changes_nothing(weight: list[float], bits: int) -> None:
    post = np.zeros(len(weight), np.int32)
    once = round_weights(np.array(weight), post, bits, "projection", "p")
    again = round_weights(once, post, bits, "projection", "p")
    assert np.allclose(again, once, rtol=1e-12, atol=0)


def test_one_bit_is_the_weight_or_nothing() -> None:
    post = np.array([0, 0, 0, 1], np.int32)
    weight = np.array([-0.2, -0.6, -1.0, -0.1])
    assert round_weights(weight, post, 1, "projection", "p").tolist() == [0, -1, -1, 0]
    assert round_weights(weight, post, 1, "neuron", "p").tolist() == [0, -1, -1, -0.1]


def test_one_bit_has_no_sign() -> None:
    weight, post = np.array([0.5, -0.5]), np.array([0, 0], np.int32)
    with pytest.raises(
        MappingError, match=r"^weight_bits must be at least 2 for weights of both signs, not 1, and proj"
    ):
        round_weights(weight, post, 1, "projection", "p")
    with pytest.raises(MappingError, match="has such onto neuron 0; give each sign a projection of its own"):
        round_weights(weight, post, 1, "neuron", "p")
    assert round_weights(weight, np.array([0, 1], np.int32), 1, "neuron", "p").tolist() == [0.5, -0.5]


def test_no_weights_and_no_weight_at_all() -> None:
    assert round_weights(np.zeros(0), np.zeros(0, np.int32), 4, "neuron", "p").tolist() == []
    assert round_weights(np.zeros(3), np.zeros(3, np.int32), 1, "projection", "p").tolist() == [0, 0, 0]


def test_the_report_of_projections() -> None:
    rounded = RoundedWeights.of([part([1.0, 0.2, 0.5, 0.0]), part([0.3], plastic=True), part([])], 2, "projection")
    first, plastic, empty = rounded.projections
    assert rounded.weights[1] is None
    assert (first.largest_weight, first.lost, first.rounded) == (1.0, 0, True)
    assert first.largest_error == pytest.approx(1 / 6)  # of 0.5, between 1 / 3 and 2 / 3
    assert first.rms_error == pytest.approx(np.sqrt(((1 / 3 - 0.2) ** 2 + (1 / 6) ** 2) / 4))
    assert (plastic.largest_weight, plastic.largest_error, plastic.rounded) == (0.3, 0.0, False)
    assert (empty.connections, empty.rms_error) == (0, 0.0)
    errors = rounded.errors(np.array([1.0, 0.2, 0.5, 0.0, 0.7]))
    assert errors == pytest.approx([0, 1 / 3 - 0.2, errors[2], 0, 0])
    assert ("Weights not rounded", "1", "plastic projections: p") in list(rounded.rows())
    lost = RoundedWeights.of([part([1.0, 0.1])], 1, "projection")
    assert ("Weights rounded to 0", "1", "of 2") in list(lost.rows())


def test_whole_numbers_that_fit_stay_as_they_are() -> None:
    kept = RoundedWeights.of([part([3.0, 100.0, 7.0], whole=True)], 8, "projection")
    assert kept.weights[0] is not None
    assert kept.weights[0].tolist() == [3, 100, 7]
    same = RoundedWeights.of([part([200.0, 200.0, 30.0], [0, 0, 1], whole=True)], 1, "neuron")
    assert same.weights[0] is not None
    assert same.weights[0].tolist() == [200, 200, 30]
    with pytest.raises(MappingError, match="must have at most 4 bits, not 3 in projection 'p'; choose other weights"):
        RoundedWeights.of([part([100.0, 3.0], whole=True)], 4, "projection")
