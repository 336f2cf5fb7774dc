"""Lists and files: what they may hold, how often they can be used, and that nothing in them is run."""

import os

import numpy as np
import pytest
from pyNN import errors
from pyNN.recording import files

import synaptile.swsim as sim


def rows(connector, pre=4, post=3, **synapse):
    sim.setup(timestep=0.1)
    p, q = sim.Population(pre, sim.IF_cond_exp()), sim.Population(post, sim.IF_cond_exp())
    made = sim.Projection(p, q, connector, sim.StaticSynapse(**synapse), receptor_type="excitatory")
    return made.get(["weight", "delay"], format="list")


LIST = [(3, 2, 0.25, 0.4), (0, 1, 0.5, 0.2), (0, 1, 0.125, 0.1), (2, 0, 0.5, 0.3)]


def text(tmp_path, content):
    path = tmp_path / "list.txt"
    path.write_text(content)
    return path


class TestReuse:
    def test_a_list(self):
        connector = sim.FromListConnector(LIST)
        assert rows(connector) == rows(connector) == rows(connector, pre=9) == LIST
        np.testing.assert_array_equal(connector.conn_list, LIST)

    @pytest.mark.parametrize("distributed", [False, True])
    def test_a_text_file(self, tmp_path, distributed):
        path = tmp_path / ("list.txt.0" if distributed else "list.txt")
        np.savetxt(path, LIST)
        connector = sim.FromFileConnector(str(tmp_path / "list.txt"), distributed=distributed)
        assert rows(connector) == rows(connector) == LIST
        np.savetxt(path, LIST[:2])
        assert rows(connector) == LIST[:2]
        assert [file.name for file in tmp_path.iterdir()] == [path.name]

    @pytest.mark.parametrize("kind", [files.StandardTextFile, files.NumpyBinaryFile, files.PickleFile])
    def test_a_file_of_pynns(self, tmp_path, kind):
        binary = "" if kind is files.StandardTextFile else "b"
        path = str(tmp_path / ("list.npz" if kind is files.NumpyBinaryFile else "list"))
        with_data = kind(path, mode="w" + binary)
        with_data.write(np.array(LIST), {"columns": ["i", "j", "weight", "delay"]})
        with_data.close()
        opened = kind(path, mode="r" + binary)
        connector = sim.FromFileConnector(opened)
        found = rows(connector)
        opened.close()
        assert found == LIST

    @pytest.mark.parametrize(
        "make",
        [
            lambda: sim.AllToAllConnector(),
            lambda: sim.OneToOneConnector(),
            lambda: sim.ArrayConnector(np.eye(4, 3, dtype=bool)),
            lambda: sim.DistanceDependentProbabilityConnector("d < 1"),
        ],
    )
    def test_those_that_draw_nothing(self, make):
        connector = make()
        assert rows(connector) == rows(connector)

    @pytest.mark.parametrize(
        "make",
        [
            lambda: sim.FixedNumberPreConnector(2),
            lambda: sim.FixedNumberPostConnector(2),
            lambda: sim.FixedTotalNumberConnector(9),
            lambda: sim.SmallWorldConnector(5.0, 0.5),
        ],
    )
    def test_those_that_draw_draw_on(self, make):
        connector = make()
        assert len({tuple(map(tuple, rows(connector, pre=9, post=9))) for _ in range(3)}) == 3


class TestFiles:
    def test_a_path_and_another_folder(self, tmp_path, monkeypatch):
        path = text(tmp_path, "0 1 0.5 0.2\n")
        monkeypatch.chdir(tmp_path)
        connectors = [sim.FromFileConnector(path), sim.FromFileConnector("list.txt")]
        os.chdir("/")
        assert [rows(connector) for connector in connectors] == [[(0, 1, 0.5, 0.2)]] * 2

    def test_columns_are_read_and_never_run(self, tmp_path):
        marker = tmp_path / "was_run"
        path = text(tmp_path, f'# columns = [open("{marker}", "w")]\n0 1\n')
        with pytest.raises(errors.ConnectionError, match=r"list.txt: columns must be a list of names, not"):
            rows(sim.FromFileConnector(str(path)))
        assert not marker.exists()

    @pytest.mark.parametrize(
        ("content", "found"),
        [
            ("# made by hand\n# columns = ['i', 'j', 'delay']\n0 1 0.2\n", [(0, 1, 0.0, 0.2)]),
            ("# columns = ('j', 'i', 'weight')\n0 1 0.5\n", [(1, 0, 0.5, 0.1)]),
            ("# columns = ['delay', 'i', 'j', 'weight']\n0.3 0 1 0.5\n", [(0, 1, 0.5, 0.3)]),
            ("0 1\n3 2\n", [(0, 1, 0.0, 0.1), (3, 2, 0.0, 0.1)]),
            ("", []),
            ("# columns = ['i', 'j']\n", []),
        ],
    )
    def test_columns(self, tmp_path, content, found):
        assert rows(sim.FromFileConnector(str(text(tmp_path, content)))) == found

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("0 1 0.5\n", r"the list must have rows of 4 numbers, \(source, target, weight, delay\), not .*\(1, 3\)"),
            ("# columns = ['i', 'j', 'U']\n0 1 0.5\n", r"U \(valid parameters for StaticSynapse are"),
            ("# columns = ['i', 'j', 'weight']\n0 1\n", r"rows of 3 numbers, .* of shape \(1, 2\)"),
            ("# columns = 'ij'\n0 1\n", "list.txt: columns must be a list of names, not 'ij'"),
            ("# columns = [1, 2]\n0 1\n", r"list.txt: columns must be a list of names, not \[1, 2\]"),
            ("a b c d\n", "list.txt: rows must be of the same length, of numbers"),
            ("0 1 0.5 0.2\n0 1\n", "list.txt: rows must be of the same length, of numbers"),
            ("nan 1 0.5 0.2\n", r"source index must be a whole number in 0\.\.3, not nan"),
            ("0 1e300 0.5 0.2\n", r"target index must be a whole number in 0\.\.2, not 1e\+300"),
            ("0 1 nan 0.2\n", "weight must be finite"),
            ("0 1 1 nan\n", "delay must be at least"),
        ],
    )
    def test_refused(self, tmp_path, content, message):
        with pytest.raises((errors.ConnectionError, errors.NonExistentParameterError), match=message):
            rows(sim.FromFileConnector(str(text(tmp_path, content))))

    def test_what_is_no_file(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            rows(sim.FromFileConnector(str(tmp_path / "none")))
        with pytest.raises(
            TypeError, match=r"^file must be a file's name or a file object of pyNN.recording.files, not 3"
        ):
            sim.FromFileConnector(3)


class TestOtherParameters:
    def test_by_distance(self):
        found = rows(sim.FromListConnector([(3, 0), (0, 2), (1, 1)]), weight="1 + d", delay=lambda d: 0.5 + d)
        assert found == [(3, 0, 4.0, 3.5), (0, 2, 3.0, 2.5), (1, 1, 1.0, 0.5)]

    def test_one_for_each_row_and_one_for_each_pair(self):
        matrix = np.arange(12.0).reshape(4, 3)
        assert [w for *_, w, _ in rows(sim.FromListConnector([(3, 0), (0, 2)]), weight=[0.5, 0.25])] == [0.5, 0.25]
        assert [w for *_, w, _ in rows(sim.FromListConnector([(3, 0), (0, 2)]), weight=matrix)] == [9.0, 2.0]

    def test_random_ones_are_drawn_in_the_order_of_the_list(self):
        weight = sim.RandomDistribution("uniform", low=1.0, high=2.0, rng=sim.NumpyRNG(seed=5))
        found = [w for *_, w, _ in rows(sim.FromListConnector([(3, 2), (0, 2), (1, 1)]), weight=weight)]
        np.testing.assert_array_equal(found, sim.NumpyRNG(seed=5).next(3, "uniform", {"low": 1.0, "high": 2.0}))

    def test_texts_are_no_indices(self):
        with pytest.raises(errors.ConnectionError, match=r"the list must have rows of 2 numbers, .* an array of str"):
            rows(sim.FromListConnector([("0", "1")]))
