"""What is kept: whole, by everything that it was made from, and nothing of what was interrupted."""

from pathlib import Path

import pytest

from synaptile.bridge.fpga.cache import kept_files


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SYNAPTILE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Maker:
    """Counts how often it is called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "result").write_text(f"made {self.calls}")
        (folder / "temporary").write_text("large")


def test_files_are_made_once_and_temporary_ones_are_not_kept() -> None:
    make = Maker()
    first, was_there = kept_files("stage", ["a", "b"], ["result"], make)
    assert not was_there
    assert sorted(path.name for path in first.iterdir()) == ["contents.json", "result"]
    assert kept_files("stage", ["a", "b"], ["result"], make) == (first, True)
    assert make.calls == 1


def test_everything_that_they_are_made_from_counts() -> None:
    make = Maker()
    folders = {
        kept_files(stage, parts, ["result"], make)[0]
        for stage, parts in (("one", ["a", "b"]), ("two", ["a", "b"]), ("one", ["ab"]), ("one", ["a", "c"]))
    }
    assert len(folders) == make.calls == 4


def test_damaged_files_are_made_again() -> None:
    make = Maker()
    folder, _ = kept_files("stage", ["a"], ["result"], make)
    (folder / "result").write_text("made 2, by somebody else")
    assert kept_files("stage", ["a"], ["result"], make) == (folder, False)
    assert (folder / "result").read_text() == "made 2"
    (folder / "contents.json").unlink()
    assert not kept_files("stage", ["a"], ["result"], make)[1]


def test_they_can_be_asked_for_anew() -> None:
    make = Maker()
    kept_files("stage", ["a"], ["result"], make)
    folder, was_there = kept_files("stage", ["a"], ["result"], make, use=False)
    assert (was_there, (folder / "result").read_text()) == (False, "made 2")


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_what_is_interrupted_leaves_nothing_and_loses_nothing(error: type[BaseException], cache: Path) -> None:
    make = Maker()
    kept, _ = kept_files("stage", ["a"], ["result"], make)

    def fail(folder: Path) -> None:
        (folder / "result").write_text("half of i")
        raise error

    for parts in (["b"], ["a"]):
        with pytest.raises(error):
            kept_files("stage", parts, ["result"], fail, use=False)
    assert [path.name for path in cache.iterdir()] == [kept.name]
    assert (kept / "result").read_text() == "made 1"


def test_a_cache_that_cannot_be_written_says_what_to_set(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.parent.joinpath("file").touch()
    monkeypatch.setenv("SYNAPTILE_CACHE", str(cache.parent / "file" / "cache"))
    message = r"^what the tools make cannot be kept in \S+/file/cache: Not a directory; set SYNAPTILE_CACHE$"
    with pytest.raises(OSError, match=message):
        kept_files("stage", ["a"], ["result"], Maker())
