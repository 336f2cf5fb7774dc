"""What needs much memory is announced, and what does not fit is refused before it is built."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import synaptile.swsim as sim
from synaptile.swsim.engine import memory
from synaptile.swsim.pynn.connectors.expected_count import expected_connections


@pytest.fixture
def free(monkeypatch):
    """Sets the free memory in bytes."""

    def set_free(size):
        monkeypatch.setattr(memory, "available", lambda: size)

    return set_free


def test_the_machine_says_what_is_free():
    assert memory.available() > 1e7


def test_little_is_not_worth_a_word(free, capsys):
    free(2e9)
    memory.announce(9e8, "a network")
    assert capsys.readouterr().err == ""


def test_much_is_announced(free, capsys):
    free(20e9)
    memory.announce(14.2e9, "a network")
    memory.announce(1.26e9, "another")
    assert capsys.readouterr().err.splitlines() == [
        "synaptile: a network: this needs about 14 GB",
        "synaptile: another: this needs about 1.3 GB",
    ]


def test_nothing_is_refused_where_nothing_is_known(free, capsys):
    free(None)
    memory.announce(1e15, "a network")
    assert "1000000 GB" in capsys.readouterr().err


def test_connections_that_do_not_fit_are_not_begun(free):
    sim.setup()
    a, b = (sim.Population(1000, sim.IF_curr_exp(), label=name) for name in "ab")
    free(1e7)
    message = "^the connections a→b: this needs about 20 MB, and 10 MB are free$"
    with pytest.raises(MemoryError, match=message):
        sim.Projection(a, b, sim.AllToAllConnector(), sim.StaticSynapse())
    assert sim.state.network.projections == []
    sim.Projection(a, b, sim.FixedProbabilityConnector(0.1), sim.StaticSynapse())


def test_what_is_there_already_is_said_as_well(free, capsys):
    free(20e9)
    memory.announce(4e8, "a network", taken=5e8)
    memory.announce(4e8, "another", taken=7e8)
    assert capsys.readouterr().err == "synaptile: another: this needs about 0.4 GB more, 1.1 GB in all\n"


def test_what_this_process_has():
    before = memory.resident()
    more = np.ones(10**7)
    assert 0.9 * more.nbytes < memory.resident() - before < 1.5 * more.nbytes


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say what a process has")
def test_what_is_little_more_is_not_announced_however_large_the_process_is(free, capsys):
    free(1e12)
    memory.announce(4.9e7, "a network", taken=8e9)
    assert capsys.readouterr().err == ""
    memory.announce(5.1e7, "another", taken=8e9)
    assert "another: this needs about 51 MB more, 8.1 GB in all" in capsys.readouterr().err


def test_the_estimate_is_near_what_is_taken():
    # In a process of its own, as memory that has been there before is used again.
    script = """
import re, pathlib
import synaptile.swsim as sim
from synaptile.swsim.engine import memory
from synaptile.swsim.pynn import network

estimates = []
network.announce = lambda size, what, taken: estimates.append(size)
sim.setup()
cells = sim.Population(4000, sim.IF_curr_exp())
weight = sim.RandomDistribution("uniform", (0.0, 1.0))
projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=1.0))
projection.delay_range()
before = memory.resident()
sim.run(1.0)
peak = int(re.search("VmHWM:[ \\t]+([0-9]+)", pathlib.Path("/proc/self/status").read_text())[1]) * 1024
print((before + estimates[0]) / peak)
"""
    environment = {**os.environ, "SYNAPTILE_NUMBA": "0"}
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment)
    assert 0.85 < float(done.stdout) < 1.4


def test_a_network_that_does_not_fit_is_not_run(free, monkeypatch):
    monkeypatch.setenv("SYNAPTILE_NUMBA", "0")
    sim.setup(timestep=0.1)
    cells = sim.Population(1000, sim.IF_curr_exp())
    sim.Projection(cells, cells, sim.OneToOneConnector(), sim.StaticSynapse(delay=5000.0))
    free(5e8)
    with pytest.raises(MemoryError, match=r"^the network of 1000 neurons and 1000 connections: .* 0.8 GB"):
        sim.run(1.0)
    free(9e8)
    sim.run(0.1)
    assert sim.get_current_time() == 0.1


@pytest.mark.parametrize(
    ("connector", "count"),
    [
        (sim.AllToAllConnector(), 800),
        (sim.AllToAllConnector(allow_self_connections=False), 800),
        (sim.FixedProbabilityConnector(0.25), 200),
        (sim.OneToOneConnector(), 20),
        (sim.FixedTotalNumberConnector(33), 33),
        (sim.FixedNumberPreConnector(3), 120),
        (sim.FixedNumberPostConnector(3), 60),
        (sim.FromListConnector([(0, 0, 0.1, 1.0), (1, 1, 0.1, 1.0)]), 2),
        (sim.DistanceDependentProbabilityConnector("d < 3"), None),
        (sim.FixedNumberPreConnector(sim.RandomDistribution("normal", (4, 1))), 160),
    ],
)
def test_how_many_connections_there_will_be(connector, count):
    assert expected_connections(connector, 20, 40) == count
    drawn = isinstance(getattr(connector, "n", None), sim.RandomDistribution)
    if count is not None and not drawn and not isinstance(connector, sim.FixedProbabilityConnector):
        sim.setup()
        a, b = (sim.Population(n, sim.IF_curr_exp()) for n in (20, 40))
        assert len(sim.Projection(a, b, connector, sim.StaticSynapse())) == pytest.approx(count, rel=0.1)
