"""Archives that are damaged, lie about themselves, or are something else: one error, before memory is taken."""

import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest

from synaptile.swsim.base import archive as module
from synaptile.swsim.base.archive import Member, read_archive, write_archive
from synaptile.swsim.base.archive_fields import ArchiveError

HEADER = {"format": "kind", "version": 3, "x": 1}
MEMBERS = {"ids": Member("iu"), "weight": Member("iuf")}


def npy(array=None, *, descr="<i8", shape=(0,), version=(1, 0)):
    """The bytes of an array's file, or only of its head with a description of our own."""
    raw = io.BytesIO()
    if array is not None:
        np.save(raw, array, allow_pickle=True)
    elif version == (1, 0):
        np.lib.format.write_array_header_1_0(raw, {"descr": descr, "fortran_order": False, "shape": shape})
    return raw.getvalue()


def good(**changes):
    members = {
        "header.npy": npy(np.frombuffer(json.dumps(HEADER).encode(), np.uint8)),
        "ids.npy": npy(np.arange(3)),
        "weight.npy": npy(np.ones(2)),
    }
    return members | changes


def written(tmp_path, members, compression=zipfile.ZIP_DEFLATED):
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, content)
    return path


def read(path):
    return read_archive(path, kind="kind", version=3, members=MEMBERS, error=ArchiveError)


def test_what_is_written_is_read(tmp_path):
    arrays = {"ids": np.arange(5, dtype=np.uint8), "weight": np.array([1.5])}
    path = write_archive(tmp_path / "a", {"x": [1]}, arrays, kind="kind", version=3)
    found = read(path)
    assert found.header == {"x": [1], "format": "kind", "version": 3}
    assert [found.arrays[name].tolist() for name in MEMBERS] == [[0, 1, 2, 3, 4], [1.5]]
    assert read(written(tmp_path, good(), zipfile.ZIP_STORED)).header == HEADER


def test_a_header_that_json_cannot_have_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_archive(tmp_path / "a", {"x": float("nan")}, {}, kind="kind", version=3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [10**5, 10**9, 10**12, 10**30])
@pytest.mark.parametrize("descr", ["<i8", "<u1"])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_more_than_there_is_takes_no_memory(tmp_path, count, descr, compression):
    path = written(tmp_path, good(**{"ids.npy": npy(descr=descr, shape=(count,))}), compression)
    tracemalloc.start()
    with pytest.raises(ArchiveError, match=rf"file: ids must be as long as its header says, {count * int(descr[2])} "):
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3e6


def test_a_directory_that_lies_about_sizes(tmp_path):
    path = written(tmp_path, good(**{"ids.npy": npy(descr="<i8", shape=(1 << 27,))}))
    data = path.read_bytes()
    size = len(npy(descr="<i8", shape=(1 << 27,)))
    entry = data.rindex(b"ids.npy") - 46
    lie = size + (1 << 30)
    data = data[: entry + 24] + lie.to_bytes(4, "little") + data[entry + 28 :]
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"file: ids must be as long as its header says, 1073741824 bytes"):
        read(path)


def test_more_than_the_memory_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(module.os, "sysconf", lambda name: {"SC_PHYS_PAGES": 10, "SC_PAGE_SIZE": 10}[name])
    with pytest.raises(ArchiveError, match=r"the arrays must have at most this machine's memory of 100 bytes, not"):
        read(written(tmp_path, good()))


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (npy(np.ones(3)), "ids must be an array of whole numbers, not 'float64'"),
        (npy(np.array([True])), "ids must be an array of whole numbers, not 'bool'"),
        (npy(np.array(["1"])), "ids must be an array of whole numbers, not 'str32'"),
        (npy(np.array([None], object)), "ids must be an array of whole numbers, not 'object'"),
        (npy(descr=[("a", "|O"), ("b", "<i4")]), "ids must be an array of whole numbers, not 'void"),
        (npy(np.ones((2, 2), int)), r"ids must have one dimension, not \(2, 2\)"),
        (npy(np.arange(3)) + b"more", "ids must be as long as its header says, 24 bytes, not 28"),
        (npy(np.arange(3))[:-1], "ids must be as long as its header says, 24 bytes, not 23"),
        (npy(descr="<i8", shape=(-1,)), r"an array has the shape \(-1,\)"),
        (b"", "is not a result file, or is truncated"),
        (b"\x93NUMPY\x03\x00" + b"\x00" * 20, "an array is of npy version"),
        (b"\x93NUMPY\x01\x00\x76\x00" + b"(" * 118, "is not a result file, or is truncated"),
        (
            b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': '<i8', 'fortran_order': False}".ljust(117) + b"\n",
            "is not a result",
        ),
    ],
)
def test_a_member_is_something_else(tmp_path, member, message):
    with pytest.raises(ArchiveError, match=message):
        read(written(tmp_path, good(**{"ids.npy": member})))


@pytest.mark.parametrize("name", ["header.npy", "ids.npy", "weight.npy"])
def test_a_member_is_missing_or_there_twice(tmp_path, name):
    members = good()
    del members[name]
    with pytest.raises(ArchiveError, match=rf"is not a result file, or is truncated \(.*{name}"):
        read(written(tmp_path, members))
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = written(tmp_path, [*good().items(), (name, good()[name])])
    with pytest.raises(ArchiveError, match=f"file: {name[:-4]} must be there once, not 2"):
        read(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[1]", "its header is a list"),
        (b"nonsense", "Expecting value"),
        (b"\xff", "utf-8"),
        (b'{"format": "kind", "version": 3, "x": NaN}', "its header has the number NaN"),
        (b'{"format": "kind", "version": 3, "x": {"a": 1, "a": 2}}', "a key twice"),
        (b'{"format": "other", "version": 3}', "it is a other"),
        (b'{"format": "kind", "version": 4}', "it is of version 4, not 3"),
        (b'{"format": "kind", "version": true}', "it is of version True, not 3"),
        (b'{"version": 3}', "format"),
        (b'{"format": "kind", "version": 3, "x": ' + b"9" * 5000 + b"}", "integer string conversion"),
        (b'{"format": "kind", "version": 3, "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "recursion"),
    ],
)
def test_a_header_is_something_else(tmp_path, text, reason):
    with pytest.raises(ArchiveError, match="is not a result file, or is truncated") as found:
        read(written(tmp_path, good(**{"header.npy": npy(np.frombuffer(text, np.uint8))})))
    assert reason in str(found.value.value)
    assert "\n" not in str(found.value)


def test_a_compression_that_is_not_ours(tmp_path):
    with pytest.raises(ArchiveError, match=r"header must be stored or deflated, not 12"):
        read(written(tmp_path, good(), zipfile.ZIP_BZIP2))


def test_an_encrypted_member(tmp_path):
    path = written(tmp_path, good())
    data = bytearray(path.read_bytes())
    data[data.rindex(b"ids.npy") - 46 + 8] |= 1
    data[data.index(b"ids.npy") - 30 + 6] |= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"is not a result file, or is truncated") as found:
        read(path)
    assert "encrypted" in found.value.value


def test_a_folder_and_a_missing_file_are_errors_of_the_system(tmp_path):
    with pytest.raises(IsADirectoryError):
        read(tmp_path)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none")
