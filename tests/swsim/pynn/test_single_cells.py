"""Studies of single cells by the compiled loop and without it: the same bits, whatever is injected and recorded."""

import numpy as np
import pytest

import synaptile.swsim as sim
from synaptile.swsim.engine.compiled_network import CompiledNetwork
from synaptile.swsim.kernels.policy import worth_it
from synaptile.swsim.neurons.adex import AdExCondExp
from synaptile.swsim.neurons.hodgkin_huxley import HodgkinHuxley

OWN = {
    "equations": "dv/dt = (0.01 * (-65 - v) + 0.02 * exp((v + 50) / 2) + i_offset + I) / 0.2",
    "threshold": "v > -40",
    "reset": "v = -60",
    "parameters": {"i_offset": 0.0},
    "initial_values": {"v": -65.0},
}
CELLS = {
    "EIF_cond_exp_isfa_ista": 0.8,
    "EIF_cond_alpha_isfa_ista": 0.8,
    "HH_cond_exp": 0.4,
    "Izhikevich": 0.01,
    "IF_cond_exp": 1.2,
    "IF_cond_alpha": 1.2,
    "IF_cond_exp_gsfa_grr": 1.2,
    "GIF_cond_exp": 1.2,
    "IF_curr_exp": 1.2,
    "IF_curr_alpha": 1.2,
    "own": 0.5,
}
ELECTRODES = {
    "DCSource": {"amplitude": 0.1, "start": 3.0, "stop": 27.0},
    "StepCurrentSource": {"times": [2.0, 11.0, 24.0], "amplitudes": [0.2, -0.1, 0.3]},
    "ACSource": {"amplitude": 0.2, "frequency": 100.0, "start": 1.0, "stop": 33.0},
    "NoisyCurrentSource": {"mean": 0.1, "stdev": 0.2, "start": 1.0, "stop": 60.0, "dt": 0.1},
}


def recorded(numba, monkeypatch, name, electrodes, threads=1):
    """Everything recorded of one cell over three runs with other parameters and a reset, and the compiled network."""
    monkeypatch.setenv("SYNAPTILE_NUMBA", "1" if numba else "0")
    sim.setup(timestep=0.1, threads=threads, seed=3)
    kind = sim.define_cell("Own", **OWN) if name == "own" else getattr(sim, name)
    cell = sim.Population(1, kind(i_offset=CELLS[name]))
    cell.record(list(cell.celltype.recordable))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[4.0, 5.0, 18.0]))
    if name != "own":
        weight = 0.01 if cell.celltype.conductance_based else 0.3
        sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=0.3))
    injected = [getattr(sim, electrode)(**ELECTRODES[electrode]) for electrode in electrodes]
    for electrode in injected:
        electrode.inject_into(cell)
    sim.run(20.0)
    cell.set(i_offset=1.1 * CELLS[name])
    if isinstance(injected[0], sim.DCSource):
        injected[0].amplitude = 0.15
    sim.run(0.1)
    sim.run(13.3)
    sim.reset()
    sim.run(15.0)
    network = sim.state.engine._compiled
    segments = cell.get_data().segments
    signals = {
        f"{k} {signal.name}": signal.magnitude for k, part in enumerate(segments) for signal in part.analogsignals
    }
    spikes = {f"{k} spikes": part.spiketrains[0].magnitude for k, part in enumerate(segments)}
    return signals | spikes, network


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("electrodes", [(electrode,) for electrode in ELECTRODES] + [tuple(ELECTRODES)], ids="+".join)
def test_the_same_bits(name, electrodes, monkeypatch):
    expected, none = recorded(False, monkeypatch, name, electrodes)
    found, network = recorded(True, monkeypatch, name, electrodes)
    assert none is None
    assert isinstance(network, CompiledNetwork)
    assert found.keys() == expected.keys()
    for variable, values in expected.items():
        np.testing.assert_array_equal(found[variable], values, err_msg=variable)
    assert len(expected["0 spikes"])
    assert np.ptp(expected["0 v"]) > 1.0


def test_threads(monkeypatch):
    electrodes = tuple(ELECTRODES)
    expected, _ = recorded(False, monkeypatch, "EIF_cond_exp_isfa_ista", electrodes)
    for threads in (2, 3):
        found, network = recorded(True, monkeypatch, "EIF_cond_exp_isfa_ista", electrodes, threads)
        assert isinstance(network, CompiledNetwork)
        for variable, values in expected.items():
            np.testing.assert_array_equal(found[variable], values, err_msg=variable)


@pytest.mark.parametrize("electrode", ELECTRODES)
def test_many_steps_are_one_call_of_the_loop_whatever_is_injected(electrode, monkeypatch):
    calls = []
    run = CompiledNetwork.run

    def counted(self, step, steps, *others):
        calls.append(steps)
        run(self, step, steps, *others)

    monkeypatch.setattr(CompiledNetwork, "run", counted)
    monkeypatch.setattr("synaptile.swsim.engine.simulation._INITIAL_CHUNK", 10**6)
    monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
    sim.setup(timestep=0.1)
    cell = sim.Population(1, sim.HH_cond_exp())
    cell.record(["v", "m"])
    getattr(sim, electrode)(**ELECTRODES[electrode]).inject_into(cell)
    sim.run(100.0)
    assert calls == [1000]


@pytest.mark.parametrize("name", ["EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista", "HH_cond_exp"])
def test_a_thousand_milliseconds_of_one_cell_are_worth_the_compiler(name, monkeypatch):
    monkeypatch.delenv("SYNAPTILE_NUMBA", raising=False)
    sim.setup(timestep=0.1)
    cell = sim.Population(1, getattr(sim, name)())
    sim.run(10.0)
    assert sim.state.engine._compiled is None
    effort = cell.model.effort
    assert worth_it(1, 10_000 * effort)
    assert not worth_it(1, 1000 * effort)


def test_efforts():
    assert (AdExCondExp.effort, HodgkinHuxley.effort) == (12, 16)


class TestNoise:
    """It depends neither on how a run is split nor on who calculates, with a generator for two sources, and a reset."""

    @pytest.mark.parametrize("numba", ["0", "1"])
    @pytest.mark.parametrize("stops", [[70.0], [1.0, 2.5, 25.6, 25.7, 51.2, 70.0]])
    def test_shared(self, numba, stops, monkeypatch):
        reference = self.potentials("0", [30.0, 70.0], monkeypatch)
        np.testing.assert_array_equal(self.potentials(numba, stops, monkeypatch), reference)

    @staticmethod
    def potentials(numba, stops, monkeypatch):
        monkeypatch.setenv("SYNAPTILE_NUMBA", numba)
        sim.setup(timestep=0.1, seed=1)
        cells = sim.Population(2, sim.EIF_cond_exp_isfa_ista())
        cells.record("v")
        generator = sim.NumpyRNG(seed=5)
        for cell in cells:
            sim.NoisyCurrentSource(mean=0.2, stdev=0.5, dt=0.1, stop=1e6, rng=generator).inject_into([cell])
        for stop in stops:
            sim.run_until(stop)
        sim.reset()
        sim.run(10.0)
        first, second = cells.get_data().segments
        return np.concatenate([part.analogsignals[0].magnitude for part in (first, second)])


def test_unchanged_electrodes_are_not_calculated_again(monkeypatch):
    calls = []
    waveform = sim.DCSource.waveform

    def counted(self, values, steps):
        calls.append(len(steps))
        return waveform(self, values, steps)

    monkeypatch.setattr(sim.DCSource, "waveform", counted)
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp())
    cells.record("v")
    source = sim.DCSource(amplitude=0.5)
    source.inject_into(cells[:1])
    for _ in range(20):
        sim.run(0.1)
    assert calls == [256]
    source.amplitude = 0.7
    sim.run(0.1)
    assert calls == [256] * 2
    source.inject_into(cells[1:])
    sim.run(0.1)
    assert len(calls) == 4
    sim.reset()
    sim.run(0.2)
    assert len(calls) == 6
    data = cells.get_data().segments[0].analogsignals[0].magnitude
    assert data[-1, 0] > data[-2, 0] > data[0, 0]
