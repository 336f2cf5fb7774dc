import numpy as np
import pytest
from pyNN import common, errors
from pyNN.core import IndexBasedExpression

import synaptile.swsim as sim


@pytest.fixture(autouse=True)
def _setup():
    sim.setup(timestep=0.1)


class NextIndex(IndexBasedExpression):
    def __call__(self, i, j):
        return np.asarray(i == j + 1, float)


def project(connector=None, pre=4, post=3, receptor_type="excitatory", cell=None, **synapse):
    p = sim.Population(pre, sim.SpikeSourceArray())
    q = sim.Population(post, cell or sim.IF_curr_exp())
    return sim.Projection(
        p, q, connector or sim.AllToAllConnector(), sim.StaticSynapse(**synapse), receptor_type=receptor_type
    )


class TestConnectors:
    @pytest.mark.parametrize(
        ("connector", "connections"),
        [
            (lambda: sim.AllToAllConnector(), 12),
            (lambda: sim.OneToOneConnector(), 3),
            (lambda: sim.FixedProbabilityConnector(1.0), 12),
            (lambda: sim.FixedProbabilityConnector(0.0), 0),
            (lambda: sim.FixedNumberPreConnector(2), 6),
            (lambda: sim.FixedNumberPostConnector(2), 8),
            (lambda: sim.FixedTotalNumberConnector(7), 7),
            (lambda: sim.FromListConnector([(0, 0), (3, 2), (3, 2)]), 3),
            (lambda: sim.FromListConnector([]), 0),
            (lambda: sim.ArrayConnector(np.eye(4, 3, dtype=bool)), 3),
            (lambda: sim.DistanceDependentProbabilityConnector("d < 0.5"), 3),
            (lambda: sim.IndexBasedProbabilityConnector(NextIndex()), 3),
            (lambda: sim.DisplacementDependentProbabilityConnector(lambda d: np.asarray(d[0] == 0, float)), 3),
        ],
    )
    def test_number_of_connections(self, connector, connections):
        prj = project(connector(), weight=0.5, delay=0.3)
        assert len(prj) == prj.size() == connections
        assert sim.get_trace().synapses == connections
        assert prj.get("weight", format="list", with_address=False) == [0.5] * connections

    def test_fixed_total_number_keeps_to_its_options(self):
        def pairs(**options):
            p = sim.Population(6, sim.IF_curr_exp())
            prj = sim.Projection(p, p, sim.FixedTotalNumberConnector(rng=sim.NumpyRNG(seed=1), **options))
            return [pair[:2] for pair in prj.get("weight", format="list")]

        many = pairs(n=3000)
        assert len(many) == 3000
        assert len(set(many)) == 36
        none_to_itself = pairs(n=30, with_replacement=False, allow_self_connections=False)
        assert sorted(none_to_itself) == [(i, j) for i in range(6) for j in range(6) if i != j]
        with pytest.raises(errors.ConnectionError, match=r"^n must be at most the number of pairs, 36, not 37$"):
            pairs(n=37, with_replacement=False)
        with pytest.raises(errors.ConnectionError, match=r"^allow_self_connections must be True or False, not"):
            pairs(n=3, allow_self_connections="NoMutual")

    def test_fixed_total_number_draws_a_weight_for_each_connection(self):
        uniform = sim.RandomDistribution("uniform", (1.0, 2.0), rng=sim.NumpyRNG(seed=1))
        prj = project(sim.FixedTotalNumberConnector(500), weight=uniform, delay="0.5 + d")
        weights, delays = (np.array(prj.get(name, format="list", with_address=False)) for name in ("weight", "delay"))
        assert len(np.unique(weights)) == 500
        distance = np.abs(prj.column("presynaptic_index") - prj.column("postsynaptic_index"))
        np.testing.assert_allclose(delays, 0.5 + distance)

    def test_clone(self):
        prj = project(sim.FromListConnector([(0, 1), (3, 2)]))
        clone = sim.Projection(prj.pre, prj.post, sim.CloneConnector(prj), sim.StaticSynapse(weight=1.0))
        assert clone.get("weight", format="list") == [(0, 1, 1.0), (3, 2, 1.0)]

    def test_from_file(self, tmp_path):
        path = tmp_path / "list.txt"
        path.write_text('# columns = ["i", "j", "weight", "delay"]\n0 1 0.5 0.2\n3 2 0.25 0.4\n')
        prj = project(sim.FromFileConnector(str(path)))
        assert prj.get(["weight", "delay"], format="list") == [(0, 1, 0.5, 0.2), (3, 2, 0.25, 0.4)]

    def test_from_file_without_header(self, tmp_path):
        (tmp_path / "list.txt.0").write_text("0 1 0.5 0.2\n")
        (tmp_path / "list.txt").write_text("")
        prj = project(sim.FromFileConnector(str(tmp_path / "list.txt"), distributed=True))
        assert prj.get(["weight", "delay"], format="list") == [(0, 1, 0.5, 0.2)]

    def test_from_list_with_columns_and_random_rest(self):
        rng = sim.NumpyRNG(seed=1)
        weight = sim.RandomDistribution("uniform", low=1, high=2, rng=rng)
        prj = project(sim.FromListConnector([(0, 0, 0.2), (3, 2, 0.3)], column_names=["delay"]), weight=weight)
        weights = prj.get("weight", format="list", with_address=False)
        assert prj.get("delay", format="list", with_address=False) == [0.2, 0.3]
        assert len(set(weights)) == 2
        assert 1 < min(weights) < max(weights) < 2
        with pytest.raises(
            errors.NonExistentParameterError, match=r"^U \(valid parameters for StaticSynapse are: delay"
        ):
            project(sim.FromListConnector([(0, 0, 0.2)], column_names=["U"]))

    def test_one_to_one_with_many_weights(self):
        prj = project(sim.OneToOneConnector(), pre=3, weight=lambda d: 1.0 + d, delay=0.2)
        assert prj.get("weight", format="list") == [(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0)]

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ([(4, 0)], "source index must be a whole number in 0..3, not 4"),
            ([(0, 0), (-1, 0)], "source index must be a whole number in 0..3, not -1"),
            ([(0, 3)], "target index must be a whole number in 0..2, not 3"),
            (
                [(0, 0, -0.5, 1.0)],
                "weight must be finite and at least 0 for current-based excitatory synapses, not -0.5",
            ),
        ],
    )
    def test_bad_lists(self, rows, message):
        with pytest.raises(errors.ConnectionError, match=f"^{message}$"):
            project(sim.FromListConnector(rows))
        assert sim.get_trace().synapses == 0


class TestRules:
    @pytest.mark.parametrize(
        ("receptor_type", "cell", "weight", "message"),
        [
            ("excitatory", sim.IF_curr_exp, -1.0, "at least 0 for current-based excitatory synapses, not -1"),
            ("inhibitory", sim.IF_curr_exp, 1.0, "at most 0 for current-based inhibitory synapses, not 1"),
            ("inhibitory", sim.IF_cond_exp, -2.0, "at least 0 for conductance-based inhibitory synapses, not -2"),
            ("excitatory", sim.IF_cond_exp, np.nan, "at least 0 for conductance-based excitatory synapses, not nan"),
        ],
    )
    def test_sign_of_weights(self, receptor_type, cell, weight, message):
        with pytest.raises(errors.ConnectionError, match=f"^weight must be finite and {message}$"):
            project(receptor_type=receptor_type, cell=cell(), weight=weight)
        with pytest.raises(errors.ConnectionError, match=f"^weight must be finite and {message}$"):
            project(sim.OneToOneConnector(), receptor_type=receptor_type, cell=cell(), weight=weight)

    @pytest.mark.parametrize(
        ("setup", "delay", "message"),
        [
            ({}, 0.0, "delay must be at least the time step of 0.1 ms, not 0"),
            ({}, -1.0, "delay must be at least the time step of 0.1 ms, not -1"),
            ({}, 0.05, "delay must be at least the time step of 0.1 ms, not 0.05"),
            ({}, np.nan, "delay must be at least the time step of 0.1 ms, not nan"),
            ({"min_delay": 0.5}, 0.4, "delay must be at least min_delay of 0.5 ms, not 0.4"),
            ({"max_delay": 2.0}, 2.5, "delay must be at most max_delay of 2 ms, not 2.5"),
            ({"max_delay": 2.0}, lambda d: 1 + d, "delay must be at most max_delay of 2 ms, not 3"),
        ],
    )
    def test_delays(self, setup, delay, message):
        sim.setup(timestep=0.1, **setup)
        with pytest.raises(errors.ConnectionError, match=f"^{message}$"):
            project(weight=0.1, delay=delay)

    def test_delay_that_no_memory_holds(self):
        with pytest.raises(errors.ConnectionError, match=r"^delay must be at most 2\*\*31 steps, not 1e\+12 ms$"):
            project(delay=1e12)

    def test_delays_are_moved_to_the_grid(self):
        prj = project(sim.OneToOneConnector(), delay=0.32)
        assert set(prj.get("delay", format="list", with_address=False)) == {0.3}

    def test_default_delay(self):
        assert project(sim.OneToOneConnector()).get("delay", format="list", with_address=False) == [0.1] * 3
        sim.setup(timestep=0.1, min_delay=0.4)
        assert project(sim.OneToOneConnector()).get("delay", format="list", with_address=False) == [0.4] * 3

    def test_receptor_types(self):
        with pytest.raises(errors.ConnectionError, match="receptor_types=AMPA"):
            project(receptor_type="AMPA")
        assert project(receptor_type=None, weight=-0.5).receptor_type == "inhibitory"
        p = sim.Population(1, sim.IF_curr_exp())
        source = sim.Population(1, sim.SpikeSourceArray(), label="input")
        with pytest.raises(errors.ConnectionError, match=r"must be able to receive spikes; 'input' cannot$"):
            sim.Projection(p, source, sim.AllToAllConnector())

    def test_assembly_with_a_source_cannot_receive(self):
        cells, source = sim.Population(1, sim.IF_curr_exp()), sim.Population(1, sim.SpikeSourceArray())
        assert sim.Assembly(cells, cells[0:1]).receptor_types == ["excitatory", "inhibitory"]
        with pytest.raises(
            errors.ConnectionError, match=r"^the postsynaptic neurons must be able to receive spikes; 'both'"
        ):
            sim.Projection(cells, sim.Assembly(cells, source, label="both"), sim.AllToAllConnector())

    def test_synapses_that_are_not_ours_are_refused(self):
        from pyNN.standardmodels.synapses import StaticSynapse

        p = sim.Population(1, sim.IF_curr_exp())
        with pytest.raises(sim.UnavailableError, match=r"^StaticSynapse of pyNN.standardmodels.synapses is not"):
            sim.Projection(p, p, sim.AllToAllConnector(), StaticSynapse(delay=1.0))


class TestAttributes:
    def test_list_and_array(self):
        prj = project(sim.FromListConnector([(0, 0, 0.5, 0.2), (3, 2, 0.25, 0.4), (0, 0, 1.0, 0.1)]))
        assert prj.get(["weight", "delay"], format="list") == [(0, 0, 0.5, 0.2), (3, 2, 0.25, 0.4), (0, 0, 1.0, 0.1)]
        for operation, value in (("sum", 1.5), ("min", 0.5), ("max", 1.0), ("first", 0.5), ("last", 1.0)):
            weights = prj.get("weight", format="array", multiple_synapses=operation)
            assert weights.shape == (4, 3)
            assert (weights[0, 0], weights[3, 2]) == (value, 0.25)
            assert np.isnan(weights).sum() == 10

    def test_set(self):
        prj = project(sim.FromListConnector([(0, 0), (3, 2), (1, 2)]), weight=0.1)
        prj.set(weight=2.0, delay=lambda d: 1 + d)
        assert prj.get(["weight", "delay"], format="list") == [(0, 0, 2.0, 1.0), (3, 2, 2.0, 2.0), (1, 2, 2.0, 2.0)]
        prj.set(weight=np.arange(12.0).reshape(4, 3))
        assert prj.get("weight", format="list") == [(0, 0, 0.0), (3, 2, 11.0), (1, 2, 5.0)]
        prj.set(weight=[1.0, 2.0, 3.0])
        assert prj.get("weight", format="list") == [(0, 0, 1.0), (3, 2, 3.0), (1, 2, 2.0)]
        prj.set(weight=sim.RandomDistribution("uniform", low=1, high=2))
        assert len(set(prj.get("weight", format="list", with_address=False))) == 3

    def test_bad_set_is_refused_and_changes_nothing(self):
        prj = project(weight=0.5, delay=0.2)
        with pytest.raises(errors.ConnectionError, match=r"not -1$"):
            prj.set(delay=1.0, weight=-1.0)
        with pytest.raises(errors.ConnectionError, match=r"not 0$"):
            prj.set(weight=1.0, delay=0.0)
        assert set(prj.get(["weight", "delay"], format="list", with_address=False)) == {(0.5, 0.2)}

    def test_connections(self):
        prj = project(weight=0.5, delay=0.2)
        connections = prj.connections
        assert len(connections) == len(list(prj)) == 12
        assert isinstance(connections[0], common.Connection)
        connection = connections[5]
        assert (connection.presynaptic_index, connection.postsynaptic_index) == (1, 1)
        connection.weight, prj[5].delay = 0.75, 1.0
        assert connections[5].as_tuple("weight", "delay") == (0.75, 1.0)
        assert [c.weight for c in connections[4:7]] == [0.5, 0.75, 0.5]
        with pytest.raises(errors.ConnectionError, match=r"not -1$"):
            connection.weight = -1.0
        with pytest.raises(IndexError):
            prj[12]

    def test_save(self, tmp_path):
        prj = project(sim.OneToOneConnector(), weight=0.5, delay=0.2)
        prj.save("all", str(tmp_path / "list"), format="list")
        assert np.loadtxt(tmp_path / "list").tolist() == [[i, i, 0.5, 0.2] for i in range(3)]
        prj.save("weight", str(tmp_path / "array"), format="array", with_address=False)
        assert np.loadtxt(tmp_path / "array").tolist() == (0.5 * np.eye(4, 3)).tolist()

    def test_change_between_runs_takes_effect(self):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 11.0]))
        cells = sim.Population(1, sim.IF_curr_delta())
        prj = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=2.0))
        cells.record("v")
        sim.run(5.0)
        prj.set(weight=2.0, delay=3.0)
        sim.run(15.0)
        v = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
        jumps = np.flatnonzero(np.diff(v) > 0.5) + 1
        assert jumps.tolist() == [30, 140]
        assert v[140] - v[139] == pytest.approx(2.0, abs=0.05)


class TestViewsAndAssemblies:
    def test_indices_and_neurons(self):
        p = sim.Population(4, sim.SpikeSourceArray())
        q = sim.Population(5, sim.IF_curr_exp())
        r = sim.Population(2, sim.IF_curr_delta())
        view = sim.Projection(p[2:4], q[[1, 4]], sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1))
        assert view.get("weight", format="list") == [(0, 0, 0.1), (1, 1, 0.1)]
        both = sim.Projection(p[0:1] + p[3:4], q[3:5] + r, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.2))
        assert both.get("weight", format="array").shape == (2, 4)
        trace = sim.get_trace()
        assert list(zip(trace.pre.tolist(), trace.post.tolist(), strict=True))[:2] == [(2, 5), (3, 8)]
        assert set(zip(trace.pre[2:].tolist(), trace.post[2:].tolist(), strict=True)) == {
            (pre, post) for pre in (0, 3) for post in (7, 8, 9, 10)
        }

    def test_unsorted_assembly(self):
        p = sim.Population(1, sim.SpikeSourceArray())
        a, b = sim.Population(2, sim.IF_curr_exp()), sim.Population(3, sim.IF_curr_exp())
        connector = sim.FromListConnector([(0, 0, 1.0, 1.0), (0, 3, 2.0, 1.0)])
        sim.Projection(p, b + a, connector, sim.StaticSynapse())
        trace = sim.get_trace()
        assert dict(zip(trace.post.tolist(), trace.weight.tolist(), strict=True)) == {3: 1.0, 1: 2.0}

    def test_inhibitory_and_excitatory_input_stay_apart(self):
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        cells = sim.Population(1, sim.IF_cond_exp(tau_syn_E=1.0, tau_syn_I=2.0))
        for receptor, weight in (("excitatory", 0.1), ("inhibitory", 0.3)):
            sim.Projection(
                source,
                cells,
                sim.AllToAllConnector(),
                sim.StaticSynapse(weight=weight, delay=1.0),
                receptor_type=receptor,
            )
        cells.record(["gsyn_exc", "gsyn_inh"])
        sim.run(3.0)
        signals = {s.name: s.magnitude[:, 0] for s in cells.get_data().segments[0].analogsignals}
        time = np.arange(11) * 0.1
        np.testing.assert_allclose(signals["gsyn_exc"][20:], 0.1 * np.exp(-time / 1.0))
        np.testing.assert_allclose(signals["gsyn_inh"][20:], 0.3 * np.exp(-time / 2.0))
        assert not signals["gsyn_exc"][:20].any()
