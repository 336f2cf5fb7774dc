"""Each rule passes what it should, refuses what it should not, and says so in one line."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.base.archive_fields import ArchiveError, Fields

FIELDS = Fields(ArchiveError)


def test_the_error_has_its_parts_and_can_be_sent_to_another_process():
    error = ArchiveError("weight", "be finite", float("nan")).located("a/b")
    assert str(error) == "a/b: weight must be finite, not nan"
    assert (error.file, error.field, error.rule) == ("a/b", "weight", "be finite")
    for one in (error, ArchiveError.foreign("a/b", "cut")):
        again = pickle.loads(pickle.dumps(one))
        assert (str(again), again.file, type(again)) == (str(one), "a/b", ArchiveError)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 100, "'" + "x" * 56 + "..."),
        ("a\nb", r"'a\\nb'"),
        ("\ud800é", r"'\\ud800\\xe9'"),
        pytest.param(10**5000, "an integer of 16610 bits", id="huge"),
    ],
)
def test_a_value_is_shown_on_one_line(value, shown):
    assert str(ArchiveError("f", "r", value)) == f"f must r, not {shown}".replace("\\\\", "\\")


@given(st.integers(), st.integers(-5, 5), st.integers(0, 5))
def test_whole(value, low, width):
    if low <= value <= low + width:
        assert FIELDS.whole("n", value, low, low + width) == value
    else:
        with pytest.raises(ArchiveError, match=f"n must be a whole number in {low}..{low + width}, not"):
            FIELDS.whole("n", value, low, low + width)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, [1], float("nan")])
def test_not_whole(value):
    with pytest.raises(ArchiveError, match=r"n must be a whole number in 0\.\.9"):
        FIELDS.whole("n", value, 0, 9)


@pytest.mark.parametrize("value", [True, "1", None, 1j, float("nan"), float("inf"), 10**400, 9.1])
def test_not_a_number(value):
    with pytest.raises(ArchiveError, match=r"n must be a number in 0\.\.9"):
        FIELDS.number("n", value, 0, 9)


def test_the_types_of_numpy_become_those_of_python():
    assert type(FIELDS.whole("n", np.uint8(3), 0, 9)) is int
    assert type(FIELDS.number("n", np.float32(3), 0, 9)) is float
    assert FIELDS.flag("n", np.bool_(True)) is True


@given(st.lists(st.integers(-(2**63), 2**64 - 1), max_size=5), st.sampled_from([np.int32, np.int64, np.uint8]))
def test_arrays_of_whole_numbers_are_never_wrapped(values, dtype):
    info = np.iinfo(dtype)
    signed = np.array(values, dtype=np.uint64 if all(v >= 0 for v in values) else object)
    given = signed if signed.dtype != object else [v for v in values if v < 2**63]
    inside = all(info.min <= v <= info.max for v in np.asarray(given, object))
    if inside:
        assert FIELDS.whole_array("n", given, info.min, info.max, dtype).tolist() == list(given)
    else:
        with pytest.raises(ArchiveError, match=r"n must lie in .*, not -?\d+$"):
            FIELDS.whole_array("n", given, info.min, info.max, dtype)


def test_numbers_that_overflow_when_they_are_cast():
    with pytest.raises(ArchiveError, match="n must be finite, not inf"):
        FIELDS.number_array("n", np.array([1, 1e4000], np.longdouble))


def test_mappings_nested_without_end():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ArchiveError, match="n must be nested less deeply, not"):
        FIELDS.mapping("n", {"a": deep})
    round_and_round: dict = {}
    round_and_round["a"] = round_and_round
    with pytest.raises(ArchiveError, match="n must be nested less deeply, not"):
        FIELDS.mapping("n", round_and_round)
    del deep
