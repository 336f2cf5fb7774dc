from dataclasses import dataclass

import pytest

from synaptile.rtl.parameter import REQUIRED, Parameter, Problem, declared, documented, parameter, summaries


@dataclass(frozen=True, kw_only=True)
class Lamp:
    """A lamp.

    Raises
    ------
    ValueError
        Never.
    """

    watts: int = parameter(low=1, high=9, unit="W", help="power")
    dimmed: bool = parameter(False, type=bool, help="half the power")
    colour: str = parameter("red", type=str, choices=lambda: {"red": "warm", "blue": "cold"}, help="colour of light")
    limit: int | None = parameter(None, low=0, high=3, default_text="none", alias="max", help="limit", detail="Rare.")


LAMP = declared(Lamp)


def test_declarations_are_read_back_by_name() -> None:
    assert list(LAMP) == ["watts", "dimmed", "colour", "limit"]
    assert all(item.name == name for name, item in LAMP.items())
    assert LAMP["watts"].default is REQUIRED
    with pytest.raises(TypeError, match="watts"):
        Lamp()
    assert Lamp(watts=3) == Lamp(watts=3, dimmed=False, colour="red", limit=None)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("watts", 0, "watts must lie in 1..9, not 0"),
        ("watts", 10, "watts must lie in 1..9, not 10"),
        ("watts", True, "watts must be an integer, not True"),
        ("watts", 2.0, "watts must be an integer, not 2.0"),
        ("watts", None, "watts must be an integer, not None"),
        ("dimmed", 1, "dimmed must be True or False, not 1"),
        ("colour", "green", "colour must be one of red, blue, not 'green'"),
        ("colour", ["red"], "colour must be one of red, blue, not ['red']"),
        ("limit", 4, "limit must lie in 0..3, not 4"),
    ],
)
def test_a_value_against_its_rule(name: str, value: object, message: str) -> None:
    problem = LAMP[name].problem(value)
    assert problem is not None
    assert str(problem) == message
    wrong_type = name in ("watts", "dimmed") and (isinstance(value, bool) or not isinstance(value, int))
    assert problem.error is (TypeError if wrong_type or name == "dimmed" else ValueError)


@pytest.mark.parametrize(
    ("name", "value"), [("watts", 1), ("watts", 9), ("dimmed", True), ("colour", "blue"), ("limit", None), ("limit", 3)]
)
def test_a_value_that_is_right(name: str, value: object) -> None:
    assert LAMP[name].problem(value) is None


def test_texts() -> None:
    assert [item.values_text for item in LAMP.values()] == ["1..9", "true, false", "red, blue", "0..3"]
    assert [item.shown_default for item in LAMP.values()] == ["", "false", "red", "none"]
    assert LAMP["limit"].options == ("--limit", "--max")
    assert Parameter(name="two_words", help="x").options == ("--two-words",)
    assert str(Problem("a", "must be b", "c")) == "a must be b, not 'c'"


def test_a_docstring_gets_the_parameters_before_what_is_raised() -> None:
    assert documented(Lamp.__doc__, LAMP) == (
        "A lamp.\n\nParameters\n----------\n"
        "watts\n    Power: 1..9.\n"
        "dimmed\n    Half the power: true, false [false].\n"
        "colour\n    Colour of light: red, blue [red].\n"
        "limit\n    Limit: 0..3 [none]. Rare.\n"
        "\nRaises\n------\nValueError\n    Never.\n"
    )


def test_a_registry_s_entries_are_lines_or_have_one() -> None:
    class Entry:
        summary = "a line"

    assert summaries({"a": "text", "b": Entry()}) == {"a": "text", "b": "a line"}
