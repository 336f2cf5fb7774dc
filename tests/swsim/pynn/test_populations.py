import numpy as np
import pytest
from pyNN import errors

import synaptile.swsim as sim


@pytest.fixture(autouse=True)
def _setup():
    sim.setup(timestep=0.1)


def voltage(population):
    return population.get_data("v").segments[-1].analogsignals[0].magnitude


class TestParameters:
    def test_heterogeneous_in_every_form(self):
        rng = sim.NumpyRNG(seed=1)
        cells = sim.Population(
            4,
            sim.IF_curr_exp(
                tau_m=[10.0, 20.0, 30.0, 40.0],
                cm=lambda i: 1.0 + i,
                v_thresh=sim.RandomDistribution("uniform", low=-50, high=-40, rng=rng),
                tau_refrac=2.0,
            ),
        )
        assert cells.get("tau_m").tolist() == [10.0, 20.0, 30.0, 40.0]
        assert cells.get("cm").tolist() == [1.0, 2.0, 3.0, 4.0]
        assert cells.get("tau_refrac") == 2.0
        thresholds = cells.get("v_thresh")
        assert len(set(thresholds)) == 4
        assert ((thresholds > -50) & (thresholds < -40)).all()

    def test_set_through_population_view_assembly_and_cell(self):
        cells = sim.Population(4, sim.IF_curr_exp())
        cells.set(tau_m=10.0)
        cells[1:3].set(tau_m=[11.0, 12.0])
        cells[1:3][1:2].set(cm=5.0)
        cells[3].tau_m = 13.0
        other = sim.Population(2, sim.IF_cond_exp())
        (cells[0:1] + other).set(v_rest=-70.0)
        assert cells.get("tau_m").tolist() == [10.0, 11.0, 12.0, 13.0]
        assert cells.get("cm").tolist() == [1.0, 1.0, 5.0, 1.0]
        assert cells.get("v_rest").tolist() == [-70.0, -65.0, -65.0, -65.0]
        assert other.get("v_rest") == -70.0
        assert cells[2].tau_m == 12.0
        assert cells[1:3].get("tau_m").tolist() == [11.0, 12.0]

    def test_set_between_runs_takes_effect(self):
        cells = sim.Population(2, sim.IF_curr_exp(tau_m=10.0))
        other = sim.Population(1, sim.IF_curr_exp())  # shares the arrays of the first once run
        cells.record("v")
        sim.run(1.0)
        cells[1:2].set(i_offset=0.1)
        other.set(i_offset=0.5)
        sim.run(1.0)
        other.set(i_offset=0.0)
        v = voltage(cells)
        assert (v[:, 0] == -65.0).all()
        assert (v[:11] == -65.0).all()
        np.testing.assert_allclose(v[11:, 1], -65 + 1.0 * (1 - np.exp(-np.arange(1, 11) * 0.1 / 10)))
        assert cells.get("i_offset").tolist() == [0.0, 0.1]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"tau_m": [10.0, -3.0]}, "cells: tau_m must be positive and finite, not -3"),
            ({"v_reset": 0.0}, "cells: v_reset must be below v_thresh, not 0"),
        ],
    )
    def test_bad_value_is_refused_and_changes_nothing(self, change, message):
        with pytest.raises(errors.InvalidParameterValueError, match=f"^{message}$"):
            sim.Population(2, sim.IF_curr_exp(**change), label="cells")
        cells = sim.Population(2, sim.IF_curr_exp(), label="cells")
        with pytest.raises(errors.InvalidParameterValueError, match=f"^{message}$"):
            cells.set(**change, cm=2.0)
        assert cells.get(["tau_m", "v_reset", "cm"]) == [20.0, -65.0, 1.0]

    def test_refused_population_leaves_no_trace(self):
        with pytest.raises(errors.InvalidParameterValueError):
            sim.Population(2, sim.IF_curr_exp(cm=0.0))
        assert sim.get_trace().neurons == 0
        assert sim.Population(1, sim.IF_curr_exp()).first_id == 0

    def test_unknown_names(self):
        with pytest.raises(errors.NonExistentParameterError, match="tau_membrane"):
            sim.IF_curr_exp(tau_membrane=3)
        cells = sim.Population(2, sim.IF_curr_exp())
        with pytest.raises(errors.NonExistentParameterError, match="tau_membrane"):
            cells.set(tau_membrane=3)
        with pytest.raises(errors.NonExistentParameterError, match="tau_membrane"):
            cells.get("tau_membrane")

    @pytest.mark.parametrize("size", [0, -2])
    def test_size(self, size):
        with pytest.raises(ValueError, match=f"^size must be at least 1, not {size}$"):
            sim.Population(size, sim.IF_curr_exp())

    def test_grid_as_size(self):
        assert sim.Population((2, 3), sim.IF_curr_exp()).positions.shape == (3, 6)

    def test_unseeded_structure_follows_the_seed(self):
        def positions(seed):
            sim.setup(seed=seed)
            structure = sim.RandomStructure(sim.Cuboid(1, 1, 1))
            return sim.Population(5, sim.IF_curr_exp(), structure=structure).positions

        np.testing.assert_array_equal(positions(1), positions(1))
        assert not np.array_equal(positions(1), positions(2))


class TestInitialValues:
    def test_population_view_and_assembly(self):
        cells = sim.Population(3, sim.IF_cond_exp(), initial_values={"v": -60.0})
        cells.record(["v", "gsyn_exc"])
        cells[0:1].initialize(v=-61.0)
        (cells[1:2] + sim.Population(1, sim.IF_curr_exp())).initialize(v=-62.0)
        cells.initialize(gsyn_exc=[0.0, 0.1, 0.2])
        sim.run(0.1)
        signals = {s.name: s.magnitude for s in cells.get_data().segments[0].analogsignals}
        assert signals["v"][0].tolist() == [-61.0, -62.0, -60.0]
        assert signals["gsyn_exc"][0].tolist() == [0.0, 0.1, 0.2]
        assert cells[1:].initial_values["v"].evaluate().tolist() == [-62.0, -60.0]

    def test_initialize_after_record_and_between_runs(self):
        cells = sim.Population(1, sim.IF_curr_exp())
        cells.record("v")
        cells.initialize(v=-55.0)
        sim.run(1.0)
        cells.initialize(v=-70.0)
        sim.run(1.0)
        v = voltage(cells)
        assert v[0, 0] == -55.0
        assert v[11, 0] == pytest.approx(-65 - 5 * np.exp(-0.1 / 20))

    def test_drawn_once(self):
        cells = sim.Population(5, sim.IF_curr_exp())
        cells.initialize(v=sim.RandomDistribution("normal", mu=-60, sigma=2))
        cells.record("v")
        for _ in range(2):
            sim.run(0.1)
            sim.reset()
        first, second = (segment.analogsignals[0].magnitude for segment in cells.get_data().segments)
        np.testing.assert_array_equal(first, second)
        assert len(set(first[0])) == 5

    def test_refused(self):
        cells = sim.Population(1, sim.IF_curr_exp())
        with pytest.raises(
            errors.NonExistentParameterError, match=r"^u \(valid parameters for IF_curr_exp are: isyn_exc"
        ):
            cells.initialize(u=3.0)
        with pytest.raises(errors.NonExistentParameterError, match=r"^v \(valid parameters for SpikeSourceArray"):
            sim.Population(1, sim.SpikeSourceArray()).initialize(v=-60.0)
        with pytest.raises(errors.InvalidParameterValueError, match=r"^population0: initial v must be finite$"):
            cells.initialize(v=np.nan)


class TestSample:
    def test_follows_the_seed(self):
        def sample(seed):
            sim.setup(seed=seed)
            cells = sim.Population(50, sim.IF_curr_exp())
            return [int(cell) for cell in cells.sample(10)], [int(cell) for cell in sim.Assembly(cells).sample(10)]

        first, second = sample(1), sample(2)
        assert first == sample(1) != second
        assert first[0] != first[1]
        assert len(set(first[0])) == 10

    @pytest.mark.parametrize("n", [0, 6])
    def test_size(self, n):
        cells = sim.Population(5, sim.IF_curr_exp())
        for group in (cells, sim.Assembly(cells)):
            with pytest.raises(ValueError, match=f"^n must lie in 1..5, not {n}$"):
                group.sample(n)


class TestSources:
    def test_spike_times_are_copied(self):
        times = np.array([1.0, 2.0])
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
        source.record("spikes")
        times += 100.0
        sim.run(5.0)
        assert source.get_data().segments[0].spiketrains[0].magnitude.tolist() == [1.0, 2.0]

    def test_set_between_runs_and_past_times_are_never_emitted(self):
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0, 12.0], [2.0]]))
        source.record("spikes")
        sim.run(10.0)
        source.set(spike_times=[sim.Sequence([3.0, 10.0, 15.0]), sim.Sequence([11.0])])
        sim.run(10.0)
        trains = source.get_data().segments[0].spiketrains
        assert [train.magnitude.tolist() for train in trains] == [[1.0, 15.0], [2.0, 11.0]]
        assert source[1].spike_times == sim.Sequence([11.0])

    def test_unordered_times_are_refused(self):
        with pytest.raises(
            errors.InvalidParameterValueError, match=r"in: spike_times must be in ascending order, not 2$"
        ):
            sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0], [3.0, 2.0]]), label="in")

    def test_spikes_at_one_grid_point_stay_as_many(self):
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0, 1.01, 3.0], [1.0]]), label="in")
        source.record("spikes")
        sim.run(2.0)
        source[0:1].set(spike_times=sim.Sequence([2.0, 5.0, 5.0, 5.04]))
        sim.run(8.0)
        trains = source.get_data().segments[0].spiketrains
        assert [train.magnitude.tolist() for train in trains] == [[1.0, 1.0, 5.0, 5.0, 5.0], [1.0]]
        assert list(source.get_spike_counts().values()) == [5, 1]
        assert source.mean_spike_count() == 3.0
        assert source.get_spikes_array()[1].tolist() == [1.0, 1.0, 1.0, 5.0, 5.0, 5.0]

    def test_poisson_set(self):
        source = sim.Population(2, sim.SpikeSourcePoisson(rate=0.0, start=[0.0, 1.0]))
        source.record("spikes")
        sim.run(5.0)
        source[1:2].set(rate=10000.0)
        sim.run(1.0)
        silent, active = source.get_spike_counts().values()
        assert silent == 0
        assert 0 < active < 30
        assert source.get("rate").tolist() == [0.0, 10000.0]
        with pytest.raises(errors.InvalidParameterValueError, match=r"rate must be in 0..1e\+08 Hz .* not 2e\+08$"):
            source.set(rate=2e8)
        assert source.get("rate").tolist() == [0.0, 10000.0]
