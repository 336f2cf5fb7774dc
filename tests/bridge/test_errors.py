import pickle

import pytest

from synaptile.bridge.errors import ConfigError, show


def test_one_line_per_problem() -> None:
    error = ConfigError(["a: is missing", "b: must be at least 1, not 0"], "mine.yaml")
    assert str(error) == "a: is missing (in mine.yaml)\nb: must be at least 1, not 0 (in mine.yaml)"
    assert isinstance(error, ValueError)
    assert str(ConfigError("a: is missing")) == "a: is missing"
    assert str(ConfigError("a: is missing").located("preset x")) == "a: is missing (in preset x)"


def test_survives_a_process_boundary() -> None:
    error = pickle.loads(pickle.dumps(ConfigError(["a", "b"], "mine.yaml")))
    assert (error.problems, error.origin, str(error)) == (("a", "b"), "mine.yaml", "a (in mine.yaml)\nb (in mine.yaml)")


@pytest.mark.parametrize(
    "value", [None, 1, -1.5, "a'b", "\ud800", [], (), (1,), [1, (2, "x")], {"b": [1], "a": {}}, {1, 2}, b"x"]
)
def test_a_short_value_is_shown_as_it_is(value: object) -> None:
    assert show(value) == repr(value)


def test_a_long_value_is_cut_without_being_put_into_words() -> None:
    shared: object = "x"
    for _ in range(60):
        shared = [shared] * 9
    loop: list[object] = []
    loop.append(loop)
    for value, beginning in ((shared, "[["), (loop, "[[[["), ("y" * 10**7, "'yyyy"), ({"k": shared}, "{'k': [[")):
        assert show(value).startswith(beginning)
        assert len(show(value)) == 60
        assert show(value).endswith("...")
    assert show(10**5000) == "a number of 16610 bits"
    assert show([7] * 30) == repr([7] * 30)[:57] + "..."
