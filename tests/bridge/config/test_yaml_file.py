from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.config.yaml_file import read_yaml, to_yaml
from synaptile.bridge.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e6", 1e6), ("1E+6", 1e6), ("1.5e3", 1500.0), ("2.", 2.0), (".5", 0.5), ("12", 12.0), ("+7", 7.0)],
)
def test_numbers_in_files_are_decimal(tmp_path: Path, text: str, value: float) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"clock_hz: {text}\n")
    assert ChipConfig.from_yaml(path).clock_hz == value


@pytest.mark.parametrize("text", ["0x10", "010", "0b11", "1:30", "1_000", "e5"])
def test_other_notations_are_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"buffer_depth: {text}\n")
    with pytest.raises(ConfigError) as error:
        ChipConfig.from_yaml(path)
    assert str(error.value) == f"buffer_depth: must be an integer, not {text!r} (in mine.yaml)"


def test_not_a_number_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("clock_hz: .nan\n")
    with pytest.raises(ConfigError, match=r"^clock_hz: must be finite, not nan \(in mine.yaml\)$"):
        ChipConfig.from_yaml(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; a mapping of keys to values is needed"),
        ("# nothing\n", "is empty; a mapping of keys to values is needed"),
        ("- 1\n- 2\n", "must be a mapping of keys to values, not [1, 2]"),
        ("just words", "must be a mapping of keys to values, not 'just words'"),
        ("4: 5\n", "keys must be text, not 4"),
        ("mesh: [4, 4\n", "not valid YAML"),
        ("mesh: 4x4\nmesh: 5x5\n", "key 'mesh' is given twice"),
        ("crossbar:\n  axons: 1\n  axons: 2\n", "line 3, column 3: not valid YAML: key 'axons' is given twice"),
        ("mesh: !!python/tuple [4, 4]\n", "not valid YAML: could not determine a constructor"),
        ("name: \x07\n", "not valid YAML"),
    ],
)
def test_bad_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        ChipConfig.from_yaml(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


_DOUBLING = "".join(f"k{i}: &k{i} [*k{i - 1}, *k{i - 1}]\n" for i in range(1, 15))


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("name: a\nbuffer_depth: !!int ''\n", "line 2, column 15", "'' cannot be read as int"),
        ("buffer_depth: !!int\n", "line 1, column 15", "'' cannot be read as int"),
        ("multicast: !!bool 'abc'\n", "line 1, column 12", "'abc' cannot be read as bool"),
        ("clock_hz: !!float abc\n", "line 1, column 11", "'abc' cannot be read as float"),
        ("name: !!timestamp abc\n", "line 1, column 7", "'abc' cannot be read as timestamp"),
        ("name: 2001-99-99\n", "line 1, column 7", "'2001-99-99' cannot be read as timestamp"),
        (f"buffer_depth: {'9' * 5000}\n", "line 1, column 15", f"'{'9' * 56}... cannot be read as int"),
        ("crossbar:\n  ? [a, b]\n  : 1\n", "line 2, column 5", "keys must be text, not a list"),
        ("? {a: 1}\n: 1\n", "line 1, column 3", "keys must be text, not a mapping"),
        ("name: a\n1.5: b\n", "line 2, column 1", "keys must be text, not 1.5"),
        ("~: b\n", "line 1, column 1", "keys must be text, not ~"),
        ("mesh: {4: 4}\n", "line 1, column 8", "keys must be text, not 4"),
        ("name: !!set {[a]: null}\n", "line 1, column 14", "keys must be text, not a list"),
        (f"name: {'[' * 3000}{']' * 3000}\n", "line 1, column 26", "must have at most 20 levels"),
        ("- " * 3000 + "\n", "line 1, column 41", "must have at most 20 levels"),
        (f"name: [{'x, ' * 10_000}]\n", "line 1, column 29999", "must have at most 10000 values"),
        (f"k0: &k0 [x, y]\n{_DOUBLING}", "line 12, column 12", "must have at most 10000 values"),
        ("name: &a [*a]\n", "line 1, column 11", "*a stands in what it stands for"),
        ("name: *a\n", "line 1, column 7", "found undefined alias 'a'"),
        ('name: "\\UFFFFFFFF"\n', "line 1, column 10", "cannot be read: Python int too large"),
        (f"%YAML 1.{'1' * 5000}\n---\nname: a\n", "line 1, column 9", "cannot be read: Exceeds the limit"),
    ],
)
def test_what_a_file_must_not_hold_is_told_with_its_place(tmp_path: Path, text: str, place: str, problem: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        ChipConfig.from_yaml(path)
    assert str(error.value).startswith(f"{path}, {place}: not valid YAML: {problem}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("self: 1\n", "the keys are "),
        ("crossbar: {axons: 1, neurons: 1, self: 1}\n", "the keys are "),
        ("energy: {name: a, self: 1}\n", "did you mean 'select'"),
    ],
)
def test_the_key_self_is_as_unknown_as_any(tmp_path: Path, text: str, hint: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=rf"^(crossbar\.|energy\.)?self: unknown key; {hint}.*mine.yaml\)$"):
        ChipConfig.from_yaml(path)


def test_keys_are_shown_on_one_line_and_not_without_end(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text('"a\\nb\\e[31m": 1\n' + f"{'k' * 1000}: {{value: 1, {'l' * 1000}: 2}}\n" + "x" * 1000 + ": 3\n")
    with pytest.raises(ConfigError) as error:
        ChipConfig.from_yaml(path)
    for line, start in zip(
        error.value.problems, (f"'{'k' * 56}....'{'l' * 56}...:", "'a\\nb\\x1b[31m': "), strict=False
    ):
        assert line.startswith(start)
    path.write_text("".join(f"k{number}: 1\n" for number in range(1000)))
    with pytest.raises(ConfigError) as error:
        ChipConfig.from_yaml(path)
    assert len(error.value.problems) == 21
    assert error.value.problems[-1] == "and 980 more problems"


def test_levels_and_values_that_are_allowed(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"a: {'[' * 19}{']' * 19}\n")
    assert read_yaml(path)["a"] == [[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]
    path.write_text(f"a: &a [{', '.join('x' * 4995)}]\nb: *a\n")  # twice 4,996, two keys and the mapping
    assert read_yaml(path) == {"a": ["x"] * 4995, "b": ["x"] * 4995}
    path.write_text("a: &a {x: 1}\nb: {<<: *a, y: 2}\n")
    assert read_yaml(path)["b"] == {"x": 1, "y": 2}


def test_large_files_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"#" * (1 << 20))
    with pytest.raises(ConfigError, match="is empty"):
        read_yaml(path)
    path.write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(ConfigError, match=r"mine.yaml: must have at most 1048576 bytes$"):
        read_yaml(path)


_WORDS = [
    *("name: ", "mesh: ", "crossbar: ", "energy: ", "clock_hz: ", "self: ", "value: ", "source: ", "evidence: "),
    *("axons: ", "? ", ": ", "- ", "[", "]", "{", "}", ", ", "\n", "\n  ", "&a ", "*a", "<<: ", "!!int ", "!!map "),
    *("!!timestamp ", "!!binary ", "!!set ", "!!omap ", "!!pairs ", "!!merge ", "!!value ", "!!null ", "!x ", "% "),
    *("'", '"', "\\x", "\\ud800", "| ", "> ", "1", "4x4", "1e999", ".nan", "2001-01-01", "~", "yes", "=", "#", "\0"),
]


@settings(max_examples=200)
@given(text=st.text() | st.lists(st.sampled_from(_WORDS), max_size=15).map("".join))
def test_any_text_is_a_chip_or_a_config_error(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    try:
        config = ChipConfig.from_yaml(path)
    except ConfigError as error:
        lines = str(error).split("\n")
    else:
        lines = ["any.yaml"]
        path.write_text(config.to_yaml(), encoding="utf-8", newline="")
        assert ChipConfig.from_yaml(path) == config
    assert all("any.yaml" in line and line.isprintable() and len(line) < 1000 for line in lines)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: no such file$"):
        ChipConfig.from_yaml(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)$"):
        ChipConfig.from_yaml(tmp_path)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(ConfigError, match=r"binary\.yaml: not a text file in UTF-8$"):
        ChipConfig.from_yaml(binary)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=8,
)


@example(values={"\x85": "\u2028", "a": "µ\u2029"})
@given(values=st.dictionaries(st.text(min_size=1, max_size=4), plain, min_size=1, max_size=4))
def test_round_trip(values: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "values.yaml"
    path.write_text(to_yaml(values), encoding="utf-8", newline="")
    assert read_yaml(path) == values
