import dataclasses
import json
import re
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


def cut(*bounds):
    """Populations of those bounds, labelled 0, 1, ..."""
    return [PopulationSlice(str(i), start, stop, "LIF") for i, (start, stop) in enumerate(bounds)]


def rewritten(tmp_path, header=None, **arrays):
    """The file of a good trace with other values in its header, or other arrays."""
    with np.load(trace().save(tmp_path / "good")) as archive:
        members = dict(archive)
    text = json.dumps(json.loads(bytes(members["header"])) | (header or {}))
    path = tmp_path / "bad"
    with path.open("wb") as file:
        np.savez_compressed(file, **members | arrays | {"header": np.frombuffer(text.encode(), np.uint8)})
    return path


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
    spikes = sorted(draw(st.lists(st.tuples(st.integers(0, steps - 1), ids), max_size=30)))
    rows = draw(
        st.lists(
            st.tuples(ids, ids, st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 2**31 - 1)),
            max_size=20,
        ),
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

    def test_several_spikes_of_a_source_in_a_step(self, tmp_path):
        several = trace(spike_neuron=[0, 0, 0, 2, 1, 1], spike_step=[0, 0, 0, 0, 4, 4])
        loaded = Trace.load(several.save(tmp_path / "several"))
        assert_equal(loaded, several)
        assert loaded.spikes == 6
        assert loaded.spike_counts().tolist() == [3, 2, 1, 0]

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
        monkeypatch.setattr("synaptile.swsim.trace.trace._VERSION", 7)
        path = trace().save(tmp_path / "new")
        monkeypatch.undo()
        with pytest.raises(TraceError, match=r"new is not a synaptile trace.*of version 7, not 1"):
            Trace.load(path)

    def test_inconsistent_content(self, tmp_path):
        path = trace().save(tmp_path / "whole")
        with np.load(path) as archive:
            arrays = dict(archive)
        np.savez(tmp_path / "bad.npz", **arrays | {"post": np.array([2, 9], np.int32)})
        with pytest.raises(TraceError, match=r"bad.npz: post must lie in 0..3, not 9$"):
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

        monkeypatch.setattr("synaptile.swsim.trace.trace.np.savez_compressed", fail)
        with pytest.raises(OSError, match="disk full"):
            trace(steps=9).save(path)
        assert path.read_bytes() == before
        assert [p.name for p in tmp_path.iterdir()] == ["t"]


class TestFilesWithBadValues:
    @pytest.mark.parametrize(
        ("header", "message"),
        [
            ({"steps": 10**30}, "steps must be a whole number in 0..4294967295"),
            ({"steps": 10**18}, "steps must be a whole number in 0..4294967295, not 1000000000000000000"),
            ({"steps": True}, "steps must be a whole number in 0..4294967295, not True"),
            ({"neurons": 1e30}, r"neurons must be a whole number in 0..2147483647, not 1e\+30"),
            ({"dt": "1"}, r"dt must be a number in 1e-100..1e\+100, not '1'"),
            ({"dt": 5e-324}, r"dt must be a number in 1e-100..1e\+100, not 5e-324"),
            ({"meta": None}, "meta must be a mapping, not None"),
            ({"meta": [1]}, r"meta must be a mapping, not \[1\]"),
            ({"partial": "x"}, "partial must be true or false, not 'x'"),
            ({"populations": None}, "populations must be a list, not None"),
            ({"populations": {"a": 1}}, "populations must be a list, not {'a': 1}"),
            ({"populations": [["a", 0, 4]]}, r"a population must be a list of .*, not \['a', 0, 4\]"),
            ({"populations": ["abcd"]}, "a population must be a list of .*, not 'abcd'"),
            ({"populations": [["a", 0, 4, "L", None]]}, "is_source of a population must be true or false, not None"),
            ({"populations": [[1, "0", "4", None]]}, "label of a population must be a text, not 1"),
            ({"populations": [["a", 0, 1, "X"], ["b", 2, 4, "Y"]]}, "start of population 'b' must be 1, .*, not 2"),
            ({"populations": [["a", 0, 3, "X"], ["b", 2, 4, "Y"]]}, "start of population 'b' must be 3, .*, not 2"),
            ({"populations": [["a", 0, 9, "X"]]}, "stop of population 'a' must be the number of neurons, 4, not 9"),
            ({"populations": [["a", 4, 0, "X"]]}, "stop of population 'a' must be a whole number in 4.*, not 0"),
        ],
    )
    def test_header(self, tmp_path, header, message):
        with pytest.raises(TraceError, match=f"bad: {message}") as found:
            Trace.load(rewritten(tmp_path, header))
        assert found.value.file == str(tmp_path / "bad")

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
    @pytest.mark.parametrize("key", ["dt", "steps", "neurons"])
    def test_numbers_that_json_does_not_have(self, tmp_path, number, key):
        path = rewritten(tmp_path, {key: float(number.replace("Infinity", "inf"))})
        with pytest.raises(TraceError, match=f"bad is not a synaptile trace.*its header has the number {number}"):
            Trace.load(path)

    @pytest.mark.parametrize("missing", ["dt", "steps", "neurons", "populations", "meta", "partial"])
    def test_a_field_is_missing(self, tmp_path, missing):
        with np.load(trace().save(tmp_path / "good")) as archive:
            members = dict(archive)
        header = json.loads(bytes(members["header"]))
        del header[missing]
        members["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
        np.savez(tmp_path / "bad.npz", **members)
        with pytest.raises(TraceError, match=rf"bad.npz: header must have .*{missing}.*, not \["):
            Trace.load(tmp_path / "bad.npz")

    @pytest.mark.parametrize(
        ("name", "values", "message"),
        [
            ("pre", np.array([2**32 + 1, 1]), "pre must lie in 0..3, not 4294967297"),
            ("post", np.array([2**64 - 1, 1], np.uint64), "post must lie in 0..3, not 18446744073709551615"),
            ("spike_neuron", np.array([0.5, 1, 2]), "spike_neuron must be an array of whole numbers, not 'float64'"),
            ("spike_step", np.array(["0", "0", "4"]), "spike_step must be an array of whole numbers, not 'str32'"),
            ("pre", np.array([True, False]), "pre must be an array of whole numbers, not 'bool'"),
            ("pre", np.array(["2000-01-01"] * 2, "M8[D]"), "pre must be an array of whole numbers, not 'datetime64"),
            ("pre", np.zeros(2, [("a", "i4")]), "pre must be an array of whole numbers, not 'void32'"),
            ("pre", np.array([None, 1], object), "pre must be an array of whole numbers, not 'object'"),
            ("pre", np.zeros((2, 1), int), r"pre must have one dimension, not \(2, 1\)"),
            ("pre", np.int32(1), r"pre must have one dimension, not \(\)"),
            ("weight", np.array([np.nan, 1.0]), "weight must be finite, not nan"),
            ("weight", np.array([1j, 1.0]), "weight must be an array of numbers, not 'complex128'"),
            ("weight", np.array([1e4000, 1], np.longdouble), "weight must be finite, not inf"),
            ("delay", np.array([2**62, 1]), f"delay must lie in 0..2147483647, not {2**62}"),
            ("delay", np.array([-1, 1]), "delay must lie in 0..2147483647, not -1"),
        ],
    )
    def test_array(self, tmp_path, name, values, message):
        with pytest.raises(TraceError, match=f"bad: {message}"):
            Trace.load(rewritten(tmp_path, **{name: values}))

    def test_an_object_is_never_unpickled(self, tmp_path):
        class Trap:
            def __reduce__(self):
                return pytest.fail, ("the pickle was loaded",)

        for name in ("pre", "header", "not_ours"):
            with np.load(trace().save(tmp_path / "good")) as archive:
                members = dict(archive) | {name: np.array([Trap()], object)}
            np.savez(tmp_path / "bad.npz", **members)
            try:
                Trace.load(tmp_path / "bad.npz")
            except TraceError:
                assert name != "not_ours"

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_whatever_bytes_are_changed_it_is_the_same_trace_or_a_trace_error(self, tmp_path_factory, data):
        folder = tmp_path_factory.mktemp("fuzz")
        content = bytearray(trace().save(folder / "t").read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        (folder / "t").write_bytes(content)
        try:
            loaded = Trace.load(folder / "t")
        except TraceError as error:
            loaded, message = None, str(error)
        assert ("\n" not in message) if loaded is None else (assert_equal(loaded, trace()) is None)


class TestRules:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"dt": 0.0}, "dt must be a number in 1e-100..1e+100, not 0.0"),
            ({"dt": float("inf")}, "dt must be a number in 1e-100..1e+100, not inf"),
            ({"dt": float("nan")}, "dt must be a number in 1e-100..1e+100, not nan"),
            ({"dt": "0.1"}, "dt must be a number in 1e-100..1e+100, not '0.1'"),
            ({"dt": True}, "dt must be a number in 1e-100..1e+100, not True"),
            ({"steps": -1}, "steps must be a whole number in 0..4294967295, not -1"),
            ({"steps": 5.0}, "steps must be a whole number in 0..4294967295, not 5.0"),
            ({"steps": 10**18}, "steps must be a whole number in 0..4294967295, not 1000000000000000000"),
            ({"steps": 10**5000}, "steps must be a whole number in 0..4294967295, not an integer of 16610 bits"),
            ({"neurons": 10**30}, f"neurons must be a whole number in 0..2147483647, not {10**30}"),
            ({"neurons": None}, "neurons must be a whole number in 0..2147483647, not None"),
            ({"spike_step": [0, 0]}, "spike_neuron and spike_step must be of equal length, not {'spike_neuron': 3, "),
            ({"weight": [0.5]}, "pre and post and weight and delay must be of equal length, not {'pre': 2, "),
            ({"spike_neuron": [0, 4, 1]}, "spike_neuron must lie in 0..3, not 4"),
            ({"spike_neuron": [0, 2**32 + 2, 1]}, "spike_neuron must lie in 0..3, not 4294967298"),
            ({"spike_step": [0, 0, 5]}, "spike_step must lie in 0..4, not 5"),
            ({"spike_step": np.array([0, 0, 2**64 - 1], np.uint64)}, "spike_step must lie in 0..4, not 184467440737"),
            ({"pre": [0, -1]}, "pre must lie in 0..3, not -1"),
            ({"pre": [0, 2**32 + 1]}, "pre must lie in 0..3, not 4294967297"),
            ({"pre": [0, 1.0]}, "pre must be an array of whole numbers, not of type float64"),
            ({"post": ["2", "3"]}, "post must be an array of whole numbers, not of type str"),
            ({"post": [True, False]}, "post must be an array of whole numbers, not of type bool"),
            ({"post": [[2], [3, 1]]}, "post must be an array of whole numbers, not [[2], [3, 1]]"),
            ({"delay": [1, -3]}, "delay must lie in 0..2147483647, not -3"),
            ({"delay": [1, 2**62]}, f"delay must lie in 0..2147483647, not {2**62}"),
            ({"weight": [0.5, float("nan")]}, "weight must be finite, not nan"),
            ({"weight": [float("-inf"), 1.0]}, "weight must be finite, not -inf"),
            ({"weight": ["a", "b"]}, "weight must be an array of numbers, not of type str"),
            ({"weight": [1j, 0j]}, "weight must be an array of numbers, not of type complex128"),
            (
                {"spike_step": [0, 1, 0]},
                "spikes must be sorted by step, then neuron, not [(1, 2), (0",
            ),
            ({"spike_neuron": [2, 0, 1]}, "spikes must be sorted by step, then neuron, not [(0, 2"),
            ({"weight": [[0.5, 1.0]]}, "weight must have one dimension, not 2"),
            ({"meta": None}, "meta must be a mapping, not None"),
            ({"meta": "x"}, "meta must be a mapping, not 'x'"),
            ({"meta": {"a": [float("nan")]}}, "meta.a must have finite numbers only, not nan"),
            ({"meta": {1: 2}}, "a key of meta must be a text, not 1"),
            ({"meta": {"a": {1, 2}}}, "meta must be made of JSON types (Object of type set is not JSON serializable"),
            ({"meta": {"a": "\ud800"}}, r"meta.a must be a text that can be written as UTF-8, not '\ud800'"),
            ({"partial": "x"}, "partial must be true or false, not 'x'"),
            ({"partial": 1}, "partial must be true or false, not 1"),
            (
                {"populations": cut((0, 1), (2, 4))},
                "start of population '1' must be 1, where the one before it stops, not 2",
            ),
            (
                {"populations": cut((0, 3), (2, 4))},
                "start of population '1' must be 3, where the one before it stops, not 2",
            ),
            ({"populations": cut((1, 4))}, "start of population '0' must be 0, not 1"),
            (
                {"populations": cut((0, 2), (2, 1000))},
                "stop of population '1' must be the number of neurons, 4, not 1000",
            ),
            ({"populations": cut((0, 2))}, "stop of population '0' must be the number of neurons, 4, not 2"),
            ({"populations": [("a", 0, 4, "LIF")]}, "populations must be of PopulationSlice, not ('a', 0, 4, 'LIF')"),
        ],
    )
    def test_refused(self, changes, message):
        with pytest.raises(TraceError, match=f"^{re.escape(message)}") as found:
            trace(**changes)
        error = found.value
        assert error.file is None
        assert str(error).startswith(f"{error.field} must {error.rule}, not ")

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ((1, 0, 4, "LIF"), "label of a population must be a text, not 1"),
            (
                ("\udfff", 0, 4, "LIF"),
                r"label of a population must be a text that can be written as UTF-8, not '\udfff'",
            ),
            (("a", "0", 4, "LIF"), "start of population 'a' must be a whole number in 0..2147483647, not '0'"),
            (("a", 4, 0, "LIF"), "stop of population 'a' must be a whole number in 4..2147483647, not 0"),
            (("a", 0, 4.5, "LIF"), "stop of population 'a' must be a whole number in 0..2147483647, not 4.5"),
            (("a", 0, 4, None), "celltype of population 'a' must be a text, not None"),
            (("a", 0, 4, "LIF", "yes"), "is_source of population 'a' must be true or false, not 'yes'"),
        ],
    )
    def test_a_population_is_checked(self, values, message):
        with pytest.raises(TraceError, match=f"^{re.escape(message)}$"):
            PopulationSlice(*values)

    def test_numbers_of_numpy_are_saved(self, tmp_path):
        made = trace(steps=np.int64(5), neurons=np.int32(4), dt=np.float64(0.1), partial=np.bool_(True))
        assert_equal(Trace.load(made.save(tmp_path / "t")), made)

    def test_an_empty_trace_has_no_ids(self):
        none = {name: [] for name in ("spike_neuron", "spike_step", "pre", "post", "weight", "delay")}
        assert trace(neurons=0, steps=0, populations=[], **none).spikes == 0
        with pytest.raises(TraceError, match=r"^pre must be empty, as there is nothing to number, not 0$"):
            trace(neurons=0, steps=0, populations=[], **none | {"pre": [0]})

    def test_the_arrays_of_the_caller_stay_writable(self):
        weight = np.array([0.5, 1.0])
        trace(weight=weight)
        weight[0] = 2.0

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
