"""What users of PyNN simulators ran into, as they would write it: small forms, each with the right result."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyNN import connectors
from pyNN.random import NumpyRNG, RandomDistribution

import synaptile.swsim as sim
from synaptile.bridge import Chip, ChipConfig, ConfigError

COMMAND = "import sys; from synaptile.bridge.cli import main; sys.exit(main())"


def synaptile(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=300
    )


def driven(rate: float, weight: float, cells: int) -> np.ndarray:
    """Potentials (mV above rest) under one Poisson source for each cell, without their onset."""
    sim.setup(timestep=0.1, seed=1)
    noise = sim.Population(cells, sim.SpikeSourcePoisson(rate=rate))
    lif = sim.IF_curr_exp(tau_m=10.0, tau_syn_E=0.5, cm=0.25, v_thresh=1e4, v_rest=0.0, v_reset=0.0)
    population = sim.Population(cells, lif, initial_values={"v": weight * rate / 1000 * 0.5 * 10.0 / 0.25})
    sim.Projection(noise, population, sim.OneToOneConnector(), sim.StaticSynapse(weight=weight, delay=0.1))
    population.record("v", sampling_interval=1.0)
    sim.run(300.0)
    return np.asarray(population.get_data().segments[0].analogsignals[0])[50:]


@pytest.mark.parametrize("rate", [5000.0, 12800.0])
def test_poisson_input_has_the_variance_of_a_poisson_process(rate):
    """Campbell's theorem, also where a source has more than one spike in a step of 0.1 ms."""
    weight, tau_m, tau_s, cm = 0.02, 10.0, 0.5, 0.25
    v = driven(rate, weight, 200)
    assert v.mean() == pytest.approx(weight * rate / 1000 * tau_s * tau_m / cm, rel=0.02)
    a = weight * tau_s * tau_m / (cm * (tau_m - tau_s))
    variance = rate / 1000 * a * a * (tau_m / 2 + tau_s / 2 - 2 * tau_m * tau_s / (tau_m + tau_s))
    assert v.std() == pytest.approx(np.sqrt(variance), rel=0.05)


def test_three_spikes_of_a_source_in_a_step_count_three_times():
    sim.setup(timestep=0.1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 1.0, 1.02]))
    cell = sim.Population(1, sim.IF_cond_exp())
    sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
    cell.record("gsyn_exc")
    sim.run(5.0)
    assert np.asarray(cell.get_data().segments[0].analogsignals[0]).max() == pytest.approx(0.03, rel=1e-6)


def test_connectors_may_be_used_again_report_and_make_pynn_s_own_network(tmp_path):
    sim.setup(timestep=0.1, seed=7)
    a, b = sim.Population(12, sim.IF_cond_exp()), sim.Population(10, sim.IF_cond_exp())
    np.savetxt(tmp_path / "list", [(0, 0, 0.1, 0.5), (1, 2, 0.2, 0.5)])
    listed = sim.FromFileConnector(str(tmp_path / "list"))
    assert [len(sim.Projection(x, y, listed, sim.StaticSynapse())) for x, y in ((a, b), (b, a))] == [2, 2]
    calls = []
    sim.Projection(a, a, sim.OneToOneConnector(callback=calls.append), sim.StaticSynapse(weight=0.1, delay=0.5))
    assert calls
    pairs = [
        sorted(
            (int(i), int(j))
            for i, j, _ in sim.Projection(
                a, b, kind(30, rng=NumpyRNG(42)), sim.StaticSynapse(weight=0.1, delay=0.5)
            ).get("weight", "list")
        )
        for kind in (sim.FixedTotalNumberConnector, connectors.FixedTotalNumberConnector)
    ]
    assert pairs[0] == pairs[1]
    assert 40 < len(sim.Projection(a, a, sim.FixedProbabilityConnector(0.7, rng=sim.NativeRNG(seed=8735)))) < 144


def test_numbers_without_a_generator_follow_the_seed():
    sizes = []
    for _ in range(3):
        sim.setup(timestep=0.1, seed=7)
        cells = sim.Population(30, sim.IF_cond_exp())
        number = RandomDistribution("uniform_int", low=1, high=20)
        sizes.append(len(sim.Projection(cells, cells, sim.FixedNumberPostConnector(number))))
    assert len(set(sizes)) == 1


def test_messages_say_what_is_wrong():
    sim.setup(timestep=0.1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    cells = sim.Population(5, sim.IF_cond_exp())
    quantal = sim.MultiQuantalSynapse(n=5, U=0.8, tau_rec=100.0, weight=0.01, delay=0.5)
    sim.Projection(source, cells, sim.AllToAllConnector(), quantal).initialize(a=5, u=0.8)
    with pytest.raises(TypeError, match=r"cellclass must be a cell type such as sim\.IF_curr_exp, not 'IF_curr_exp'"):
        sim.Population(2, "IF_curr_exp")
    sim.run(3.0)
    sim.setup(timestep=0.1)
    with pytest.raises(RuntimeError, match=r"belongs to a network that setup\(\) has replaced"):
        cells.get_data()


def test_a_report_is_short_or_a_table_in_a_notebook():
    chip = Chip(mesh=(2, 2), engine="amaranth")
    sim.setup(timestep=1.0, hardware=chip)
    cells = sim.Population(4, sim.SpikeSourceArray(spike_times=[1.0]))
    sim.Projection(cells, sim.Population(4, sim.IF_cond_exp()), sim.AllToAllConnector())
    sim.run(3.0)
    assert len(repr(chip.report())) < 300
    assert chip.report()._repr_html_().count("<tr") > 10


def test_a_script_goes_elsewhere_prints_past_python_and_sets_up_once_more(tmp_path):
    (tmp_path / "s.py").write_text(
        "import os, sys\n"
        "from pyNN.utility import get_simulator\n"
        "sim, options = get_simulator(('--plot-figure', 'unused', {'action': 'store_true'}))\n"
        "for rate in (10.0, 20.0):\n"
        "    sim.setup(timestep=1.0)\n"
        "    sim.Population(2, sim.SpikeSourcePoisson(rate=rate))\n"
        "    sim.run(5.0)\n"
        "    sim.end()\n"
        "os.makedirs('elsewhere'); os.chdir('elsewhere')\n"
        "os.write(1, b'raw\\n'); os.system('echo child')\n"
        "sim.setup()\n"
    )
    done = synaptile(
        *("run", "s.py", "--mode", "software", "--out", "results", "--json", "--", "synaptile", "--plot-figure"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.lstrip().startswith("{")
    assert done.stdout.rstrip().endswith("}")
    assert (tmp_path / "results" / "snn.sw.out").exists()
    assert (tmp_path / "results" / "run-1" / "snn.sw.out").exists()
    (tmp_path / "elsewhere").rmdir()
    alone = subprocess.run(
        [sys.executable, "s.py", "synaptile"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert alone.returncode == 0, alone.stderr


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
            for before, name in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "[" * 5000 + "]" * 5000,
        "mesh: " + "9" * 5000,
        "[a, b]: 1",
        "{a: b}: 1",
        "self: 1",
        "clock_hz: 1e-320",
        "mesh: !!int ''",
        "multicast: !!bool abc",
        "name: 2026-13-45",
        "name: !!python/object/apply:os.system [ls]",
    ],
    ids=["bomb", "deep", "digits", "list key", "map key", "self", "denormal", "int", "bool", "date", "python"],
)
def test_yaml_of_any_kind_is_refused_in_one_line_with_its_place(tmp_path, text):
    path = tmp_path / "chip.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"chip\.yaml") as refused:
        ChipConfig.from_yaml(path)
    assert "\n" not in str(refused.value)
