import json
from pathlib import Path

from synaptile.bridge.json_text import json_text, write_json


def test_json_has_null_for_what_is_no_number() -> None:
    values = {"a": float("inf"), "b": [float("nan"), 1.5, (float("-inf"),)], "c": {"d": None, "e": "\ud800[/x]"}}
    assert json.loads(json_text(values)) == {
        "a": None,
        "b": [None, 1.5, [None]],
        "c": {"d": None, "e": "\ud800[/x]"},
    }


def test_it_is_written_whole(tmp_path: Path) -> None:
    assert json.loads(write_json(tmp_path / "a", {"a": [1]}).read_text()) == {"a": [1]}
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
