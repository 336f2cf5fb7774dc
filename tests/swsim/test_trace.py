import dataclasses
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import synaptile.swsim as sim
from synaptile.swsim.trace import PopulationSlice, Trace, TraceError


def trace(**changes):
    values = {
        "dt": 0.1,
        "steps": 5,
        "neurons": 4,
        "spike_neuron": [0, 2, 1],
        "spike_step": [0, 0, 4],
        "pre": [0, 1],
        "post": [2, 3],
        "weight": [0.5, -1.25],
        "delay": [1, 3],
        "populations": [PopulationSlice("in", 0, 2, "SpikeSourceArray"), PopulationSlice("out", 2, 4, "IF_curr_exp")],
        "meta": {"seed": 3, "versions": {"numpy": "2"}},
    } | changes
    return Trace(**values)


def assert_equal(a, b):
    for field in dataclasses.fields(Trace):
        left, right = getattr(a, field.name), getattr(b, field.name)
        if isinstance(left, np.ndarray):
            np.testing.assert_array_equal(left, right)
            assert left.dtype == right.dtype
        else:
            assert left == right


@st.composite
def traces(draw):
    neurons = draw(st.integers(1, 20))
    steps = draw(st.integers(1, 50))
    ids = st.integers(0, neurons - 1)
    spikes = sorted(draw(st.sets(st.tuples(st.integers(0, steps - 1), ids), max_size=30)))
    rows = draw(
        st.lists(st.tuples(ids, ids, st.floats(allow_nan=False), st.integers(0, 2**31 - 1)), max_size=20),
    )
    cut = draw(st.integers(0, neurons))
    return Trace(
        dt=draw(st.floats(1e-3, 10)),
        steps=steps,
        neurons=neurons,
        spike_neuron=np.array([neuron for _, neuron in spikes], np.int32),
        spike_step=np.array([step for step, _ in spikes], np.int64),
        pre=np.array([row[0] for row in rows], np.int32),
        post=np.array([row[1] for row in rows], np.int32),
        weight=np.array([row[2] for row in rows], np.float64),
        delay=np.array([row[3] for row in rows], np.int32),
        populations=[
            PopulationSlice(draw(st.text()), 0, cut, "IF_cond_exp"),
            PopulationSlice(draw(st.text()), cut, neurons, "Izhikevich"),
        ],
        meta=draw(st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=3)),
        partial=draw(st.booleans()),
    )


class TestFile:
    @settings(max_examples=40, deadline=None)
    @given(traces())
    def test_round_trip_and_same_bytes(self, tmp_path_factory, drawn):
        folder = tmp_path_factory.mktemp("traces")
        first = drawn.save(folder / "a.trace")
        loaded = Trace.load(first)
        assert_equal(loaded, drawn)
        assert loaded.save(folder / "b").read_bytes() == first.read_bytes()

    def test_name_is_kept_and_nothing_else_is_left(self, tmp_path):
        assert trace().save(str(tmp_path / "snn.sw.out")) == tmp_path / "snn.sw.out"
        assert [path.name for path in tmp_path.iterdir()] == ["snn.sw.out"]

    def test_truncated_at_any_length(self, tmp_path):
        whole = trace().save(tmp_path / "whole").read_bytes()
        cut = tmp_path / "cut"
        for length in range(0, len(whole), 97):
            cut.write_bytes(whole[:length])
            with pytest.raises(TraceError, match=r"cut is not a synaptile trace, or is truncated"):
                Trace.load(cut)

    @pytest.mark.parametrize("content", [b"hello", b"PK\x03\x04 not a zip", b"\x93NUMPY\x01\x00", b"\x80\x04N."])
    def test_not_a_trace(self, tmp_path, content):
        path = tmp_path / "text"
        path.write_bytes(content)
        with pytest.raises(TraceError, match=r"text is not a synaptile trace, or is truncated"):
            Trace.load(path)

    def test_array_file_is_not_a_trace(self, tmp_path):
        path = tmp_path / "array.npy"
        np.save(path, np.arange(3))
        with pytest.raises(TraceError, match=r"array.npy is not a synaptile trace"):
            Trace.load(path)

    @pytest.mark.parametrize(
        "members", [{}, {"header": b"no json"}, {"header": b"[1]"}, {"header": b'{"format": "x"}'}]
    )
    def test_other_archive_is_not_a_trace(self, tmp_path, members):
        path = tmp_path / "other.npz"
        np.savez(path, **{name: np.frombuffer(value, np.uint8) for name, value in members.items()})
        with pytest.raises(TraceError, match=r"other.npz is not a synaptile trace"):
            Trace.load(path)

    def test_unknown_version(self, tmp_path, monkeypatch):
        monkeypatch.setattr("synaptile.swsim.trace._VERSION", 7)
        path = trace().save(tmp_path / "new")
        monkeypatch.undo()
        with pytest.raises(TraceError, match=r"new is not a synaptile trace.*of version 7, not 1"):
            Trace.load(path)

    def test_inconsistent_content(self, tmp_path):
        path = trace().save(tmp_path / "whole")
        with np.load(path) as archive:
            arrays = dict(archive)
        np.savez(tmp_path / "bad.npz", **arrays | {"post": np.array([2, 9], np.int32)})
        with pytest.raises(TraceError, match=r"^post must lie in 0..3, not 9$"):
            Trace.load(tmp_path / "bad.npz")

    def test_damaged_member(self, tmp_path):
        path = trace().save(tmp_path / "whole")
        data = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo("weight.npy")
        data[info.header_offset + 30 + len("weight.npy") + 30] ^= 0xFF
        path.write_bytes(data)
        with pytest.raises(TraceError, match=r"is not a synaptile trace, or is truncated"):
            Trace.load(path)

    def test_missing(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            Trace.load(tmp_path / "none")

    def test_failed_write_leaves_the_old_file(self, tmp_path, monkeypatch):
        path = trace().save(tmp_path / "t")
        before = path.read_bytes()

        def fail(*args, **kwargs):
            raise OSError("disk full")

        monkeypatch.setattr("synaptile.swsim.trace.np.savez_compressed", fail)
        with pytest.raises(OSError, match="disk full"):
            trace(steps=9).save(path)
        assert path.read_bytes() == before
        assert [p.name for p in tmp_path.iterdir()] == ["t"]


class TestRules:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"dt": 0.0}, "dt must be positive, not 0.0"),
            ({"steps": -1}, "steps and neurons must not be negative, not -1 and 4"),
            ({"spike_step": [0, 0]}, "spike_neuron and spike_step must be of equal length, not 3 and 2"),
            (
                {"weight": [0.5]},
                "pre, post, weight and delay must be of equal length, "
                r"not {'pre': 2, 'post': 2, 'weight': 1, 'delay': 2}",
            ),
            ({"spike_neuron": [0, 4, 1]}, "spike_neuron must lie in 0..3, not 4"),
            ({"spike_step": [0, 0, 5]}, "spike_step must lie in 0..4, not 5"),
            ({"pre": [0, -1]}, "pre must lie in 0..3, not -1"),
            ({"delay": [1, -3]}, "delay must not be negative, not -3"),
            ({"spike_step": [0, 1, 0]}, "spikes must be sorted by step, then neuron, without repetition"),
            ({"spike_neuron": [2, 0, 1]}, "spikes must be sorted by step, then neuron, without repetition"),
            ({"spike_neuron": [2, 2, 1]}, "spikes must be sorted by step, then neuron, without repetition"),
            ({"weight": [[0.5, 1.0]]}, "weight must have one dimension, not 2"),
        ],
    )
    def test_refused(self, changes, message):
        with pytest.raises(TraceError, match=f"^{message}$"):
            trace(**changes)

    def test_arrays_are_read_only(self):
        with pytest.raises(ValueError, match="read-only"):
            trace().weight[0] = 2.0


class TestQueries:
    def test_counts(self):
        t = trace()
        assert (t.spikes, t.synapses) == (3, 2)
        assert t.spike_counts().tolist() == [1, 1, 1, 0]

    def test_population(self):
        assert trace().population("out").size == 2
        with pytest.raises(KeyError, match=r"no population 'hidden'; there are \['in', 'out'\]"):
            trace().population("hidden")


class TestSources:
    def test_a_population_says_whether_it_is_a_source(self, tmp_path):
        populations = [
            PopulationSlice("by its name", 0, 1, "SpikeSourceArray"),
            PopulationSlice("stated", 1, 2, "Camera", is_source=True),
            PopulationSlice("not one", 2, 3, "SpikeSourceLikeNeuron", is_source=False),
            PopulationSlice("neuron", 3, 4, "LIF"),
        ]
        loaded = Trace.load(trace(populations=populations).save(tmp_path / "trace"))
        assert loaded.populations == tuple(populations)
        assert [population.is_source for population in loaded.populations] == [True, True, False, False]

    def test_files_name_it_only_where_the_cell_type_misleads(self):
        assert PopulationSlice("in", 0, 2, "SpikeSourceArray", is_source=True).to_list() == [
            "in",
            0,
            2,
            "SpikeSourceArray",
        ]
        assert PopulationSlice("in", 0, 2, "Camera", is_source=True).to_list() == ["in", 0, 2, "Camera", True]

    def test_a_simulation_says_it_by_the_model_not_by_the_name(self):
        class Camera(sim.SpikeSourceArray):
            pass

        sim.setup(timestep=1.0)
        sim.Population(2, Camera(spike_times=[1.0]))
        sim.Population(3, sim.IF_curr_exp())
        sim.run(2.0)
        found = sim.get_trace().populations
        sim.end()
        assert [(population.celltype, population.is_source) for population in found] == [
            ("Camera", True),
            ("IF_curr_exp", False),
        ]

    def test_files_without_it_are_read(self, tmp_path):
        old = [["in", 0, 2, "SpikeSourcePoisson"], ["out", 2, 4, "LIF"]]
        assert [PopulationSlice(*fields).is_source for fields in old] == [True, False]
        path = trace(populations=[PopulationSlice(*fields) for fields in old]).save(tmp_path / "trace")
        with zipfile.ZipFile(path) as archive:
            header = np.lib.format.read_array(archive.open("header.npy")).tobytes()
        assert json.loads(header)["populations"] == old
