"""Simulators side by side: every network is what it says, and a peer is measured by its own Python."""

import sys
from pathlib import Path

import pytest

import synaptile.swsim as sim
from synaptile.bridge.bench import networks, simulators


def peer(folder: Path, body: str) -> str:
    """A program that stands in for another Python."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("name", "sizes", "synapses"),
    [
        ("testKernel1", [1, 1], 1),
        ("S_1000", [400, 400, 200], 400 * 400 + 400 * 200),
        ("testKernel3", [800, 200, 1000], 100_000 + 1000),
    ],
)
def test_the_networks_are_what_they_are_called(name, sizes, synapses):
    populations = networks.NETWORKS[name](sim)
    assert [population.size for population in populations] == sizes
    assert len(sim.state.network.synapses()) == synapses


def test_the_networks_of_vogels_and_abbott_are_connected_at_random():
    (cells,) = networks.NETWORKS["Vogels-Abbott CUBA"](sim)
    assert cells.size == 4000
    assert len(sim.state.network.synapses()) == pytest.approx(4000 * 4000 * 0.02, rel=0.02)


def test_ours_is_measured_with_and_without_numba():
    with_numba, without = (
        simulators.measure_simulator(name, "S_1000", duration=50.0, repeat=2) for name in ("synaptile", "numpy")
    )
    assert with_numba.spikes == without.spikes > 0
    assert with_numba.neurons == 1000
    assert with_numba.seconds_per_second > 0
    # Numba's compiler is in one of the two processes only, and neither has inherited the memory of this one.
    assert 20 < without.memory_mb < with_numba.memory_mb
    assert simulators.line(without, with_numba).split()[:2] == ["S_1000", "numpy"]


def test_a_peer_is_run_by_its_own_python(tmp_path):
    body = """echo "$@" > "$0.arguments"; echo noise; echo '{"import_seconds": 1, "build_seconds": 2,
    "seconds_per_second": 3, "neurons": 4, "spikes": 5, "memory_mb": 6}' | tr -d '\\n'"""
    python = peer(tmp_path, body)
    found = simulators.measure_simulator("nest", "S_1000", python=python, duration=20.0, repeat=4)
    assert found == simulators.SimulatorMeasurement("S_1000", "nest", 4, 5, 1, 2, 3, 6)
    assert Path(python + ".arguments").read_text().split() == [networks.__file__, "nest", "S_1000", "20.0", "4"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("echo 'no such thing' >&2; exit 1", "nest failed on S_1000: no such thing"),
        ("exit 0", "nest failed on S_1000: it printed nothing"),
        ("exec sleep 20", "nest did not finish S_1000 in 0.1 s"),
    ],
)
def test_a_peer_that_fails_is_said_to(tmp_path, body, words):
    with pytest.raises(simulators.SimulatorFailed, match=words):
        simulators.measure_simulator(
            "nest", "S_1000", python=peer(tmp_path, body), limit=0.1 if "sleep" in body else 20
        )


def test_what_is_installed_is_asked_of_that_python(tmp_path):
    assert simulators.installed("synaptile")
    assert not simulators.installed("nest", peer(tmp_path, "exit 1"))
    assert simulators.installed("nest", peer(tmp_path, "exit 0"))
    with pytest.raises(FileNotFoundError):
        simulators.installed("nest", str(tmp_path / "nothing"))
    assert simulators.installed("numpy", sys.executable)
