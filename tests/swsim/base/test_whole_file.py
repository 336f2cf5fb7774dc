"""Files that appear whole or not at all."""

import errno
import os
import stat
from pathlib import Path

import pytest

from synaptile.swsim.base.whole_file import whole_file, write_bytes, write_text


def test_what_is_written_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert write_bytes(path, b"x\r\n") == path
    assert path.read_bytes() == b"x\r\n"
    assert write_text(path, "µ\n") == path
    assert path.read_bytes() == "µ\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def half_written(path: Path, failure: BaseException) -> None:
    with whole_file(path) as file:
        file.write(b"half of it")
        raise failure


@pytest.mark.parametrize("kind", [OSError, KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("older", [None, b"older"])
def test_a_failure_leaves_what_was_there(tmp_path: Path, kind: type[BaseException], older: bytes | None) -> None:
    path = tmp_path / "a"
    if older is not None:
        path.write_bytes(older)
    failure = kind(errno.ENOSPC, "No space left on device")
    with pytest.raises(kind):
        half_written(path, failure)
    assert (path.read_bytes() if path.exists() else None) == older
    assert list(tmp_path.iterdir()) == ([] if older is None else [path])
    if isinstance(failure, OSError):
        assert failure.filename == str(path)


def test_errors_name_the_file_and_not_the_part(tmp_path: Path) -> None:
    for path, number in ((tmp_path / "none" / "a", errno.ENOENT), (tmp_path / ("n" * 300), errno.ENAMETOOLONG)):
        with pytest.raises(OSError, match=r"(directory|long): ") as error:
            write_text(path, "x")
        assert (error.value.errno, error.value.filename) == (number, str(path))


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_full_device_is_named_and_stays_a_device() -> None:
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_text("/dev/full", "x" * 100_000)
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_files_may_be_written_at_the_same_time(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a") as first, whole_file(tmp_path / "b") as second, whole_file(tmp_path / "a") as third:
        for file, text in ((first, b"1"), (second, b"2"), (third, b"3")):
            file.write(text)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"1", "b": b"2"}


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("older")
    target.chmod(0o640)
    link.symlink_to("target")
    write_text(link, "newer")
    assert link.is_symlink()
    assert target.read_text() == "newer"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_text(tmp_path / "a", "x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_text_that_cannot_be_written_touches_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "a", "\ud800")
    assert list(tmp_path.iterdir()) == []
