"""Every run says which way each population and projection went, and why not the fast one."""

import logging

import numpy as np
import pytest
from support.fake_chip import FakeChip

import synaptile.swsim as sim

REASON = "hardware carries the spikes of every step: it can only be called from Python"


@pytest.fixture(autouse=True)
def _compiled(monkeypatch):
    monkeypatch.setenv("SYNAPTILE_NUMBA", "1")


def network(cell=None, **parameters):
    sim.setup(timestep=0.5, **parameters)
    source = sim.Population(5, sim.SpikeSourcePoisson(rate=50.0), label="source")
    cells = sim.Population(60, sim.IF_curr_exp() if cell is None else cell, label="cells")
    rule = sim.STDPMechanism(
        sim.SpikePairRule(A_plus=0.1, A_minus=0.1), sim.AdditiveWeightDependence(w_max=0.1), weight=0.05, delay=1.0
    )
    sim.Projection(source, cells, sim.AllToAllConnector(), rule, receptor_type="excitatory", label="learning")
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01), label="fixed")


def lines():
    return [str(path) for path in sim.execution_paths()]


def test_a_plastic_network_is_compiled(caplog):
    network()
    sim.Projection(*sim.state.network.populations[1:] * 2, sim.OneToOneConnector(), sim.ElectricalSynapse(weight=0.001))
    caplog.set_level(logging.INFO, "synaptile.paths")
    sim.run(20.0)
    paths = sim.execution_paths()
    assert [path.kind for path in paths] == ["population"] * 2 + ["projection"] * 3
    assert {path.path for path in paths} == {"compiled"}
    assert not any(path.reason for path in paths)
    assert lines()[:3] == ["population source: compiled", "population cells: compiled", "projection learning: compiled"]
    assert caplog.messages == ["compiled"]


def test_the_part_without_a_kernel_is_named():
    network()
    sim.Population(2, sim.FixedPointLIF(), label="whole")
    sim.run(20.0)
    assert lines() == [
        "population source: NumPy (population whole has no kernel)",
        "population cells: NumPy (population whole has no kernel)",
        "population whole: NumPy (has no kernel)",
        "projection learning: NumPy (population whole has no kernel)",
        "projection fixed: NumPy (population whole has no kernel)",
    ]


def test_one_line_groups_what_went_the_same_way():
    paths = [sim.ExecutionPath("population", f"p{k}", "compiled") for k in range(11)]
    assert sim.in_one_line(paths) == "compiled"
    assert sim.in_one_line([]) == ""
    slow = [sim.ExecutionPath(kind, "slow", "NumPy", "has no kernel") for kind in ("population", "projection")]
    line = "populations p0, p1, p2, p3, p4, p5, p6, p7 and 3 more: compiled"
    assert sim.in_one_line([*paths, *slow]) == f"{line}; population slow, projection slow: NumPy (has no kernel)"


def test_without_numba(monkeypatch):
    monkeypatch.setenv("SYNAPTILE_NUMBA", "0")
    network()
    sim.run(20.0)
    assert lines()[0] == ("population source: NumPy (Numba is not installed, or switched off by SYNAPTILE_NUMBA=0)")


def test_a_short_run_of_a_small_network(monkeypatch):
    monkeypatch.delenv("SYNAPTILE_NUMBA")
    sim.setup(timestep=0.5)
    sim.Population(3, sim.IF_curr_exp(), label="few")
    sim.run(20.0)
    assert lines() == ["population few: NumPy (no run so far was large or long enough to be worth the compiler)"]


def test_hardware_carries_the_spikes():
    network(hardware=FakeChip())
    sim.run(2.0)
    assert {path.path for path in sim.execution_paths()} == {"NumPy"}
    assert {path.reason for path in sim.execution_paths()} == {REASON}


def test_a_population_after_a_run_with_hardware():
    network(hardware=FakeChip())
    sim.run(2.0)
    sim.Population(3, sim.IF_curr_exp(), label="more")
    assert lines()[2] == f"population more: NumPy ({REASON})"


def test_a_step_may_be_compiled_in_the_loop_of_numpy():
    network(sim.EIF_cond_exp_isfa_ista(), hardware=FakeChip())
    sim.run(2.0)
    assert lines()[1] == f"population cells: NumPy, its step compiled ({REASON})"


def test_the_paths_do_not_change_what_is_run():
    def spikes(ask):
        network(seed=3)
        cells = sim.state.network.populations[1]
        cells.record("spikes")
        for _ in range(3):
            if ask:
                sim.execution_paths()
            sim.run(20.0)
        return np.concatenate([train.magnitude for train in cells.get_data().segments[0].spiketrains])

    assert spikes(ask=True).tolist() == spikes(ask=False).tolist()
