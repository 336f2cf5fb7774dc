from pathlib import Path

import pytest
from hypothesis import example, given
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
