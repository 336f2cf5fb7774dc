"""Spike files of other programs, each read by its stated rule, and refused with file and line."""

import struct
from pathlib import Path

import h5py
import numpy as np
import pytest

from synaptile.swsim.foreign import FORMATS, ForeignSpikes, read_spikes
from synaptile.swsim.trace import TraceError


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def carlsim(*spikes: tuple[int, int], grid: tuple[int, int, int] = (2, 3, 1), version: float = 0.2) -> bytes:
    """What CARLsim writes of a group: spikes as (time, neuron)."""
    return struct.pack("<ifiii", 206661989, version, *grid) + b"".join(struct.pack("<ii", *spike) for spike in spikes)


def sonata(path: Path, units: str | None = "milliseconds", **populations: list[tuple[int, float]]) -> Path:
    with h5py.File(path, "w") as file:
        for name, spikes in populations.items():
            group = file.create_group(f"spikes/{name}")
            group["node_ids"] = np.array([node for node, _ in spikes], np.uint64)
            group["timestamps"] = np.array([time for _, time in spikes], float)
            if units:
                group["timestamps"].attrs["units"] = units
    return path


def pairs(spikes: ForeignSpikes) -> list[tuple[int, float]]:
    return list(zip(spikes.neuron.tolist(), spikes.time.tolist(), strict=True))


CSV = "neuron,time_ms\n3,1.5\n\n0, 0.5\n3,1.5\n"
NEST = "# NEST version: 3.8.0\n# RecordingBackendASCII version: 2\nsender\ttime_ms\n4\t1.500\n1\t0.500\n4\t1.500\n"
SPIKES = [(3, 1.5), (0, 0.5), (3, 1.5)]


@pytest.mark.parametrize(
    ("name", "content"),
    [("s.csv", CSV), ("s.csv", "\ufeff" + CSV), ("s-1-0.dat", NEST), ("s.gdf", "4\t1.5\n1\t.5\n4 1.5\n")],
)
def test_text(tmp_path: Path, name: str, content: str) -> None:
    assert pairs(read_spikes(write(tmp_path / name, content))) == SPIKES


def test_ids_begin_where_they_are_said_to(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", CSV.replace("3,", "13,").replace("0, 0", "10, 0"))
    assert pairs(read_spikes(path, first_id=10)) == SPIKES
    with pytest.raises(TraceError, match=r"s.csv: neuron must be whole numbers from 11 on, not 10.0"):
        read_spikes(path, first_id=11)


def test_files_of_threads_are_of_one_network(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"s-{thread}.dat", NEST) for thread in range(2)]
    assert pairs(read_spikes(paths)) == SPIKES * 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("s.csv", "neuron;time_ms\n", "the first line must be neuron,time_ms, not 'neuron;time_ms'"),
        ("s.csv", "", "the first line must be neuron,time_ms, not ''"),
        ("s.csv", "neuron,time_ms\n1,2.0\n1\n", "line 3 must have neuron, time_ms, not '1'"),
        ("s.csv", "neuron,time_ms\n1,x\n", "line 2 must have numbers for neuron, time_ms, not '1,x'"),
        ("s.csv", "neuron,time_ms\n1.5,2\n", "neuron must be whole numbers from 0 on, not 1.5"),
        ("s.csv", "neuron,time_ms\n-1,2\n", "neuron must be whole numbers from 0 on, not -1.0"),
        ("s.csv", "neuron,time_ms\nnan,2\n", "neuron must be whole numbers from 0 on, not nan"),
        ("s.csv", "neuron,time_ms\n1,inf\n", "time must be finite, not inf"),
        ("s.csv", b"\xff\xfe\x00", "a file of numbers must be text in UTF-8, not"),
        ("s.dat", "0\t1.0\n", "sender must be whole numbers from 1 on, not 0.0"),
        ("s.dat", "sender\ttime_step\ttime_offset\n", "line 1 must name sender and time_ms, which NEST writes, not"),
        ("s.dat", "1\t2\t3\n", "line 1 must have sender, time_ms, not"),
        ("s.bin", "1\t2\n", r"a spike file must be one that is known \(csv, nest, sonata, carlsim\), not '.bin'"),
        ("s.h5", "hello", "a spike file must be HDF5, not"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(TraceError, match=message) as found:
        read_spikes(write(tmp_path / name, content))
    assert found.value.file == str(tmp_path / name)


class TestCarlsim:
    def test_each_file_is_a_population(self, tmp_path: Path) -> None:
        paths = [
            write(tmp_path / "spk_in.dat", carlsim((9, 5), (2, 0))),
            write(tmp_path / "spk_out.dat", carlsim((3, 1), grid=(2, 1, 1))),
        ]
        spikes = read_spikes(paths)
        assert pairs(spikes) == [(5, 9.0), (0, 2.0), (7, 3.0)]
        assert spikes.populations == (("in", 6), ("out", 2))

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (carlsim((1, 6)), "neuron must lie in 0..5, the group's grid, not 6"),
            (carlsim((1, -1)), "neuron must lie in 0..5, the group's grid, not -1"),
            (carlsim((1, 1))[:-1], r"a spike file must end with a whole spike \(it is truncated\), not 27"),
            (carlsim(version=0.1), "version must be 0.2, not 0.1"),
            (carlsim(grid=(0, 3, 1)), r"grid must have a neuron or more on each side, not \(0, 3, 1\)"),
            (carlsim()[:12], "a spike file must begin with CARLsim's signature 206661989"),
        ],
    )
    def test_damaged_files_are_refused(self, tmp_path: Path, content: bytes, message: str) -> None:
        with pytest.raises(TraceError, match=f"spk_x.dat: {message}"):
            read_spikes(write(tmp_path / "spk_x.dat", content))

    def test_it_stands_for_itself(self, tmp_path: Path) -> None:
        path = write(tmp_path / "spk_x.dat", carlsim((1, 1)))
        with pytest.raises(TraceError, match="first_id must be left out, for ids of carlsim begin at 0, not 1"):
            read_spikes(path, first_id=1)
        with pytest.raises(TraceError, match="the files must be of one format where one is of CARLsim"):
            read_spikes([path, write(tmp_path / "s.csv", CSV)])


class TestSonata:
    def test_populations_have_the_numbers_they_are_given(self, tmp_path: Path) -> None:
        path = sonata(tmp_path / "s.h5", b=[(1, 2.0), (0, 1.0)], a=[(2, 3.0)])
        spikes = read_spikes(path, populations=[("a", 3), ("silent", 2), ("b", 4)])
        assert sorted(pairs(spikes)) == [(2, 3.0), (5, 1.0), (6, 2.0)]
        assert spikes.populations == (("a", 3), ("silent", 2), ("b", 4))

    def test_one_population_needs_no_size(self, tmp_path: Path) -> None:
        spikes = read_spikes(sonata(tmp_path / "s.h5", None, a=[(2, 3.0), (0, 1.0)]))
        assert (pairs(spikes), spikes.populations) == ([(2, 3.0), (0, 1.0)], ())

    def test_what_is_not_known_is_refused(self, tmp_path: Path) -> None:
        two = sonata(tmp_path / "two.h5", a=[(2, 3.0)], b=[])
        with pytest.raises(TraceError, match=r"populations must be given with their sizes, for the file has several"):
            read_spikes(two)
        with pytest.raises(TraceError, match=r"populations must have the file's a, b, not \['b'\]"):
            read_spikes(two, populations=[("a", 3)])
        with pytest.raises(TraceError, match=r"node_ids of 'a' must lie in 0..1, not 2"):
            read_spikes(two, populations=[("a", 2), ("b", 1)])
        with pytest.raises(TraceError, match="timestamps of 'a' must be in ms, not 's'"):
            read_spikes(sonata(tmp_path / "s.h5", "s", a=[(2, 3.0)]))
        with pytest.raises(TraceError, match="/spikes must have populations with node_ids and timestamps"):
            read_spikes(sonata(tmp_path / "none.h5"))

    def test_without_h5py_the_extra_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = sonata(tmp_path / "s.h5", a=[])
        monkeypatch.setitem(__import__("sys").modules, "h5py", None)
        with pytest.raises(ModuleNotFoundError, match=r"need h5py: pip install 'synaptile\[sonata\]'"):
            read_spikes(path)


def test_a_format_can_be_said(tmp_path: Path) -> None:
    assert set(FORMATS) == {"csv", "nest", "sonata", "carlsim"}
    assert pairs(read_spikes(write(tmp_path / "spikes.txt", NEST), format="nest")) == SPIKES
    with pytest.raises(TraceError, match="format must be one of csv, nest, sonata, carlsim, not 'x'"):
        read_spikes(tmp_path / "spikes.txt", format="x")
    with pytest.raises(FileNotFoundError):
        read_spikes(tmp_path / "nowhere.csv")
