import neo
import numpy as np
import pytest
import quantities as pq
from pyNN import errors

import synaptile.swsim as sim


@pytest.fixture(autouse=True)
def _setup():
    sim.setup(timestep=0.1)


def trains(population, segment=0):
    return [train.magnitude.tolist() for train in population.get_data("spikes").segments[segment].spiketrains]


def source(*times):
    return sim.Population(len(times), sim.SpikeSourceArray(spike_times=[list(train) for train in times]))


class TestSignals:
    def test_units_and_shapes(self):
        cells = {
            "curr": sim.Population(2, sim.IF_curr_exp()),
            "cond": sim.Population(2, sim.IF_cond_exp()),
            "izhi": sim.Population(2, sim.Izhikevich()),
        }
        cells["curr"].record(["v", "isyn_exc", "isyn_inh"])
        cells["cond"].record(["v", "gsyn_exc", "gsyn_inh"])
        cells["izhi"].record(["v", "u"])
        sim.run(1.0)
        units = {}
        for name, population in cells.items():
            for signal in population.get_data().segments[0].analogsignals:
                units[name, signal.name] = signal.units
                assert signal.shape == (11, 2)
                assert signal.sampling_period == 0.1 * pq.ms
                assert signal.t_start == 0 * pq.ms
                assert signal.array_annotations["channel_index"].tolist() == [0, 1]
        assert units == {
            ("curr", "v"): pq.mV,
            ("curr", "isyn_exc"): pq.nA,
            ("curr", "isyn_inh"): pq.nA,
            ("cond", "v"): pq.mV,
            ("cond", "gsyn_exc"): pq.uS,
            ("cond", "gsyn_inh"): pq.uS,
            ("izhi", "v"): pq.mV,
            ("izhi", "u"): pq.Quantity(1, "mV/ms"),
        }

    def test_several_runs_are_one_signal(self):
        cells = sim.Population(1, sim.IF_curr_exp(i_offset=0.5))
        cells.record("v")
        for _ in range(7):
            sim.run(1.3)
        v = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
        np.testing.assert_allclose(v, -65 + 10 * (1 - np.exp(-np.arange(92) * 0.1 / 20)), atol=1e-9)

    def test_sampling_interval(self):
        cells = sim.Population(3, sim.IF_curr_exp(i_offset=0.5))
        twin = sim.Population(3, sim.IF_curr_exp(i_offset=0.5))
        cells.record("v", sampling_interval=0.5)
        twin.record("v")
        sim.run(0.7)
        sim.run(1.6)
        coarse = cells.get_data().segments[0].analogsignals[0]
        fine = twin.get_data().segments[0].analogsignals[0]
        assert coarse.sampling_period == 0.5 * pq.ms
        np.testing.assert_array_equal(coarse.magnitude, fine.magnitude[::5])

    def test_bad_sampling_interval(self):
        cells = sim.Population(1, sim.IF_curr_exp())
        with pytest.raises(
            ValueError, match=r"^sampling_interval must be a positive multiple of the time step of 0.1 ms, not 0.25$"
        ):
            cells.record("v", sampling_interval=0.25)

    def test_some_cells_only(self):
        cells = sim.Population(5, sim.IF_curr_exp(i_offset=[0.0, 0.1, 0.2, 0.3, 0.4]))
        cells[3:5].record("v")
        cells[1:2].record("v")
        cells[1].i_offset = 0.5
        sim.run(1.0)
        signal = cells.get_data().segments[0].analogsignals[0]
        assert signal.array_annotations["channel_index"].tolist() == [1, 3, 4]
        assert np.argsort(signal.magnitude[-1]).tolist() == [1, 2, 0]
        view = cells[3:4].get_data().segments[0].analogsignals[0]
        np.testing.assert_array_equal(view.magnitude[:, 0], signal.magnitude[:, 1])

    def test_later_record_has_nothing_to_show_before(self):
        cells = sim.Population(2, sim.IF_curr_exp(i_offset=0.5))
        cells[0:1].record("v")
        sim.run(1.0)
        cells[1:2].record("v")
        sim.run(1.0)
        v = cells.get_data().segments[0].analogsignals[0].magnitude
        assert v.shape == (21, 2)
        assert np.isnan(v[:11, 1]).all()
        np.testing.assert_array_equal(v[11:, 0], v[11:, 1])

    def test_late_variable_keeps_its_place_in_time(self):
        cells = sim.Population(1, sim.IF_curr_exp(i_offset=0.5))
        sim.run(1.0)
        cells.record("v")
        sim.run(1.0)
        v = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
        assert v.shape == (21,)
        assert np.isnan(v[:10]).all()
        np.testing.assert_allclose(v[10:], -65 + 10 * (1 - np.exp(-np.arange(10, 21) * 0.1 / 20)), atol=1e-9)

    def test_unknown_variable(self):
        cells = sim.Population(1, sim.IF_curr_exp())
        with pytest.raises(errors.RecordingError, match=r"gsyn_exc.*IF_curr_exp"):
            cells.record("gsyn_exc")


class TestSpikes:
    def test_counts_and_views(self):
        s = source([1.0, 2.0], [3.0], [])
        s.record("spikes")
        sim.run(10.0)
        assert s.get_spike_counts() == {0: 2, 1: 1, 2: 0}
        assert s[1:3].get_spike_counts() == {1: 1, 2: 0}
        assert s.mean_spike_count() == 1.0
        assert (s + sim.Population(1, sim.IF_curr_exp())).get_spike_counts() == {0: 2, 1: 1, 2: 0}
        view = s[0:1].get_data().segments[0].spiketrains
        assert [train.magnitude.tolist() for train in view] == [[1.0, 2.0]]

    def test_annotations_and_limits(self):
        s = source([1.0], [2.0])
        s.record("spikes")
        sim.run(10.0)
        train = s.get_data().segments[0].spiketrains[1]
        assert (train.t_start, train.t_stop) == (0 * pq.ms, 10 * pq.ms)
        assert train.annotations["channel_id"] == 1

    def test_only_from_record_on(self):
        s = source([1.0, 12.0], [2.0, 13.0])
        s[0:1].record("spikes")
        sim.run(10.0)
        s.record("spikes")
        sim.run(10.0)
        assert trains(s) == [[1.0, 12.0], [13.0]]
        assert sim.get_trace().spikes == 4


class TestSegments:
    def test_clear(self):
        s = source([1.0, 12.0, 25.0])
        cells = sim.Population(1, sim.IF_curr_exp(i_offset=0.5))
        s.record("spikes")
        cells.record("v")
        found = []
        for _ in range(3):
            sim.run(10.0)
            signal = cells.get_data(clear=True).segments[0].analogsignals[0]
            found.append((signal, s.get_data(clear=True).segments[0].spiketrains[0]))
        assert [train.magnitude.tolist() for _, train in found] == [[1.0], [12.0], [25.0]]
        assert [float(train.t_start) for _, train in found] == [0.0, 10.0, 20.0]
        assert [signal.shape for signal, _ in found] == [(101, 1)] * 3
        assert [float(signal.t_start) for signal, _ in found] == [0.0, 10.0, 20.0]
        assert found[0][0][-1] == found[1][0][0]
        assert sim.get_trace().spikes == 3

    def test_reset_makes_segments(self):
        s = source([1.0, 12.0])
        s.record("spikes")
        sim.run(10.0)
        sim.reset()
        sim.run(20.0)
        assert trains(s, 0) == [[1.0]]
        assert trains(s, 1) == [[1.0, 12.0]]
        assert s.get_spike_counts() == {0: 2}

    def test_reset_after_a_late_record(self):
        s = source([1.0, 2.0, 12.0])
        sim.run(10.0)
        s.record("spikes")
        sim.run(10.0)
        sim.reset()
        sim.run(5.0)
        assert trains(s, 0) == [[12.0]]
        assert trains(s, 1) == [[1.0, 2.0]]

    def test_record_none(self):
        s = source([1.0], [2.0])
        cells = sim.Population(2, sim.IF_curr_exp())
        s.record("spikes")
        cells.record("v")
        sim.run(10.0)
        sim.reset()
        s.record(None)
        s[1:2].record("spikes")
        cells.record(None)
        sim.run(10.0)
        assert trains(s, 0) == [[1.0], [2.0]]
        assert trains(s, 1) == [[2.0]]
        assert list(cells.get_data().segments[1].analogsignals) == []

    def test_data_survive_end(self):
        s = source([1.0])
        s.record("spikes")
        sim.run(5.0)
        sim.end()
        assert trains(s) == [[1.0]]

    def test_before_any_run(self):
        s = source([1.0])
        s.record("spikes")
        with pytest.raises(errors.NothingToWriteError, match=r"^population0 has no data: call run\(\) first$"):
            s.get_data()
        assert s.get_spike_counts() == {0: 0}


class TestFiles:
    def test_write_data(self, tmp_path):
        s = source([1.0, 2.0])
        s.record("spikes")
        sim.run(5.0)
        s.write_data(str(tmp_path / "a.pkl"), annotations={"note": "x"})
        block = neo.io.PickleIO(str(tmp_path / "a.pkl")).read_block()
        assert block.annotations["note"] == "x"
        assert block.segments[0].spiketrains[0].magnitude.tolist() == [1.0, 2.0]

    def test_written_on_end(self, tmp_path):
        cells = sim.Population(2, sim.IF_cond_exp())
        with pytest.warns(DeprecationWarning, match="record"):
            sim.record_v(cells, str(tmp_path / "v.pkl"))
        with pytest.warns(DeprecationWarning, match="record"):
            sim.record_gsyn(cells[0:1], str(tmp_path / "g.pkl"))
        sim.run(1.0)
        sim.end()
        names = [
            sorted(s.name for s in neo.io.PickleIO(str(tmp_path / file)).read_block().segments[0].analogsignals)
            for file in ("v.pkl", "g.pkl")
        ]
        assert names == [["v"], ["gsyn_exc", "gsyn_inh"]]


def test_procedural_connect_create_set():
    with pytest.warns(DeprecationWarning, match="create"):
        cells = sim.create(sim.IF_curr_exp(), n=3)
    with pytest.warns(DeprecationWarning, match="connect"):
        prj = sim.connect(cells, cells, weight=0.5, delay=1.0)
    with pytest.warns(DeprecationWarning, match="set"):
        sim.set(cells, tau_m=12.0)
    with pytest.warns(DeprecationWarning, match="initialize"):
        sim.initialize(cells, v=-60.0)
    assert len(prj) == 9
    assert cells.get("tau_m") == 12.0


class TestSpikesArray:
    def test_is_what_get_data_has(self):
        sim.setup(timestep=0.1)
        p = sim.Population(4, sim.SpikeSourcePoisson(rate=100.0))
        q = sim.Population(3, sim.SpikeSourcePoisson(rate=100.0))
        p[1:].record("spikes")
        q.record("spikes")
        sim.run(100.0)
        for chosen in (p, q, p[2:3], q[0:2]):
            ids, times = chosen.get_spikes_array()
            assert (np.diff(times) >= 0).all()
            trains = {t.annotations["channel_id"]: t for t in chosen.get_data().segments[0].spiketrains}
            recorded = {int(i): times[ids == i].tolist() for i in trains}
            assert recorded == {int(i): train.magnitude.tolist() for i, train in trains.items()}
            assert len(times) > 5

    def test_everything_there_is(self):
        sim.setup(timestep=0.1)
        p = sim.Population(4, sim.SpikeSourcePoisson(rate=100.0))
        p.record("spikes")
        sim.run(100.0)
        ids, times = p.get_spikes_array()
        trace = sim.get_trace()
        assert ids.tolist() == trace.spike_neuron.tolist()
        np.testing.assert_allclose(times, trace.spike_step * 0.1)
        assert [t.magnitude.tolist() for t in p.get_data().segments[0].spiketrains] == [
            times[ids == i].tolist() for i in range(4)
        ]

    @pytest.mark.parametrize("dt", [0.1, 0.3, 1.0])
    def test_long_logs(self, dt, monkeypatch):
        sim.setup(timestep=dt)
        p, q = (sim.Population(4, sim.SpikeSourcePoisson(rate=100.0)) for _ in range(2))
        p.record("spikes")
        q[:2].record("spikes")
        sim.run(300.0)
        q.record("spikes")
        sim.run(300.0)
        short = [chosen.get_spikes_array() for chosen in (p, p[1:3], q)]
        monkeypatch.setattr("synaptile.swsim.recording.spike_log._COMPILED_SELECTION", 10)
        for one, other in zip(short, [chosen.get_spikes_array() for chosen in (p, p[1:3], q)], strict=True):
            for a, b in zip(one, other, strict=True):
                assert a.dtype == b.dtype
                assert a.tolist() == b.tolist()
            assert len(one[0]) > 50
            assert not other[0].flags.writeable

    def test_nothing_recorded(self):
        sim.setup()
        p = sim.Population(4, sim.SpikeSourcePoisson(rate=100.0), label="p")
        sim.run(1.0)
        with pytest.raises(errors.NothingToWriteError, match=r"^p has no spikes: call record\('spikes'\) first$"):
            p.get_spikes_array()
