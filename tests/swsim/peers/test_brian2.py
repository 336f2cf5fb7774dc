"""The same neurons and networks in Brian2, where it is installed (`make peers`).

It integrates here with the method of Runge and Kutta in steps ten times finer, which is taken for the truth.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest
from support.vogels_abbott import SECOND, connections, statistics

import synaptile.swsim as sim

# Brian2 uses old names of pyparsing.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

DT, FINE, DURATION = 0.1, 0.01, 120.0  # ms


@pytest.fixture(scope="module")
def brian():
    """Brian2 without a compiler; skips the test where there is none."""
    brian2 = pytest.importorskip("brian2", reason="Brian2 is not installed here", exc_type=ImportError)
    brian2.prefs.codegen.target = "numpy"
    brian2.BrianLogger.suppress_name("method_choice")
    return brian2


@dataclass(frozen=True)
class Case:
    """A cell here and its equations there; one current leaves it below threshold, the other drives it."""

    cell: str
    parameters: dict
    equations: str
    initial: dict
    quiet: float
    driving: float
    tolerance: float  # mV
    threshold: str = "v >= v_thresh"
    reset: str = "v = v_reset"
    refractory: str = "v"  # the variable that is held
    constants: dict = field(default_factory=dict)


MEMBRANE = {
    "v_rest": -65.0, "cm": 0.5, "tau_m": 15.0, "tau_refrac": 2.0, "v_reset": -68.0, "v_thresh": -52.0, "tau_syn_E": 3.0,
    "tau_syn_I": 7.0,
}  # fmt: skip
REVERSALS = {"e_rev_E": 0.0, "e_rev_I": -80.0}
CURRENT = "dv/dt = ((v_rest - v) / tau_m + (isyn_exc + isyn_inh + drive) / c_m) / ms : 1 (unless refractory)\n"
CONDUCTANCE = (
    "dv/dt = ((v_rest - v) / tau_m + (gsyn_exc * (e_rev_E - v) + gsyn_inh * (e_rev_I - v) + drive) / c_m) / ms"
    " : 1 (unless refractory)\n"
)


def synapses(kind, shape):
    """Equations of both receptors: exponential, or alpha-shaped with a hidden variable."""
    text = ""
    for name, tau in (("exc", "tau_syn_E"), ("inh", "tau_syn_I")):
        rise = f" + x_{name}" if shape == "alpha" else ""
        text += f"d{kind}syn_{name}/dt = (-{kind}syn_{name} / {tau}{rise}) / ms : 1\n"
        if shape == "alpha":
            text += f"dx_{name}/dt = -x_{name} / {tau} / ms : 1\n"
    return text


CASES = {
    "IF_curr_exp": Case(
        "IF_curr_exp", MEMBRANE, CURRENT + synapses("i", "exp"), {"v": -60.0, "isyn_exc": 0.5, "isyn_inh": -0.2},
        0.2, 1.0, 1e-3,
    ),
    "IF_curr_alpha": Case(
        "IF_curr_alpha", MEMBRANE, CURRENT + synapses("i", "alpha"), {"v": -60.0, "isyn_exc": 0.5, "isyn_inh": -0.2},
        0.2, 1.0, 1e-3,
    ),
    "IF_cond_exp": Case(
        "IF_cond_exp", MEMBRANE | REVERSALS, CONDUCTANCE + synapses("g", "exp"),
        {"v": -60.0, "gsyn_exc": 0.004, "gsyn_inh": 0.01}, 0.2, 1.0, 2e-3,
    ),
    "IF_cond_alpha": Case(
        "IF_cond_alpha", MEMBRANE | REVERSALS, CONDUCTANCE + synapses("g", "alpha"),
        {"v": -60.0, "gsyn_exc": 0.004, "gsyn_inh": 0.01}, 0.2, 1.0, 2e-3,
    ),
    "EIF_cond_exp_isfa_ista": Case(
        "EIF_cond_exp_isfa_ista",
        {name: value for name, value in MEMBRANE.items() if name != "v_reset"}
        | REVERSALS
        | {"v_reset": -68.0, "v_spike": -40.0, "a": 4.0, "b": 0.08, "delta_T": 2.0, "tau_w": 100.0},
        "dv/dt = ((v_rest - v) / tau_m + delta_T / tau_m * exp((v - v_thresh) / delta_T) + (gsyn_exc * (e_rev_E - v)"
        " + gsyn_inh * (e_rev_I - v) + drive - w) / c_m) / ms : 1 (unless refractory)\n"
        "dw/dt = (a / 1000 * (v - v_rest) - w) / tau_w / ms : 1\n" + synapses("g", "exp"),
        {"v": -62.0, "w": 0.01, "gsyn_exc": 0.002, "gsyn_inh": 0.004}, 0.15, 1.2, 5e-3,
        threshold="v >= v_spike", reset="v = v_reset; w += b",
    ),
    "Izhikevich": Case(
        "Izhikevich", {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0},
        "dv/dt = ((0.04 * v + 5) * v + 140 - u + 1000 * drive) / ms : 1\ndu/dt = a * (b * v - u) / ms : 1\n",
        {"v": -68.0, "u": -14.0}, 0.0, 0.01, 0.2, threshold="v >= 30", reset="v = c; u += d", refractory="",
    ),
}  # fmt: skip


def ours(case, current):
    sim.setup(timestep=DT)
    cell = getattr(sim, case.cell)(i_offset=current, **case.parameters)
    cells = sim.Population(1, cell, initial_values=case.initial)
    cells.record(["v", "spikes"])
    sim.run(DURATION)
    segment = cells.get_data().segments[0]
    return segment.analogsignals[0].magnitude[:, 0], segment.spiketrains[0].magnitude


def theirs(brian, case, current):
    brian.start_scope()
    brian.defaultclock.dt = FINE * brian.ms
    hold = case.parameters.get("tau_refrac", 0.0)
    # Brian2 takes cm for centimetres.
    names = {("c_m" if name == "cm" else name): value for name, value in case.parameters.items()} | {"drive": current}
    group = brian.NeuronGroup(
        1,
        case.equations,
        threshold=case.threshold,
        reset=case.reset,
        refractory=hold * brian.ms if case.refractory else False,
        method="rk4",
        namespace=names,
    )
    for name, value in case.initial.items():
        setattr(group, name, value)
    trace = brian.StateMonitor(group, "v", record=True, dt=DT * brian.ms)
    spikes = brian.SpikeMonitor(group)
    network = brian.Network(group, trace, spikes)
    network.run((DURATION + DT) * brian.ms)
    return np.array(trace.v[0])[: round(DURATION / DT) + 1], np.array(spikes.t / brian.ms)


@pytest.mark.parametrize("name", CASES)
def test_below_threshold_the_traces_are_the_same(brian, name):
    case = CASES[name]
    (trace, spikes), (expected, expected_spikes) = ours(case, case.quiet), theirs(brian, case, case.quiet)
    assert len(spikes) == len(expected_spikes) == 0
    assert np.ptp(expected) > 1.0
    np.testing.assert_allclose(trace, expected, atol=case.tolerance)


@pytest.mark.parametrize("name", CASES)
def test_driven_cells_spike_within_a_step(brian, name):
    case = CASES[name]
    (_, spikes), (_, expected) = ours(case, case.driving), theirs(brian, case, case.driving)
    assert len(expected) >= 3
    if name == "Izhikevich":
        # Of first order in dt on purpose, see docs/models.md.
        assert spikes[0] == pytest.approx(expected[0], abs=4 * DT)
        assert len(spikes) == pytest.approx(len(expected), abs=1)
        return
    assert len(spikes) == len(expected)
    # A spike is at the grid point after it, and every interval begins at one: up to a step is added each time.
    late = spikes - expected
    assert -2 * FINE < late[0] <= DT + 2 * FINE
    assert (np.diff(late) > -2 * FINE).all()
    assert (np.diff(late) <= DT + 2 * FINE).all()


def network_ours(pairs, start):
    sim.setup(timestep=DT)
    n = len(start)
    cell = sim.IF_curr_exp(
        v_rest=-49.0, cm=0.2, tau_m=20.0, tau_refrac=5.0, v_thresh=-50.0, v_reset=-60.0, tau_syn_E=5.0, tau_syn_I=10.0
    )
    cells = sim.Population(n, cell, initial_values={"v": start})
    for (pre, post), weight, receptor in zip(pairs, (1.62e-2, -9.0e-2), ("excitatory", "inhibitory"), strict=True):
        rows = np.stack([pre, post, np.full(len(pre), weight), np.full(len(pre), 0.2)], axis=1)
        sim.Projection(cells, cells, sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type=receptor)
    cells.record("spikes")
    sim.run(SECOND)
    return cells.get_spikes_array()


def network_theirs(brian, pairs, start):
    brian.start_scope()
    brian.defaultclock.dt = DT * brian.ms
    group = brian.NeuronGroup(
        len(start),
        "dv/dt = ((-49 - v) / 20 + (exc + inh) / 0.2) / ms : 1 (unless refractory)\n"
        "dexc/dt = -exc / 5 / ms : 1\ndinh/dt = -inh / 10 / ms : 1\n",
        threshold="v >= -50",
        reset="v = -60",
        refractory=5 * brian.ms,
        method="exact",
    )
    group.v = start
    parts = [group]
    for (pre, post), change in zip(pairs, ("exc_post += 0.0162", "inh_post -= 0.09"), strict=True):
        connections = brian.Synapses(group, group, on_pre=change, delay=0.2 * brian.ms)
        connections.connect(i=pre, j=post)
        parts.append(connections)
    spikes = brian.SpikeMonitor(group)
    brian.Network(*parts, spikes).run(SECOND * brian.ms)
    return np.array(spikes.i), np.array(spikes.t / brian.ms)


def test_a_recurrent_network_has_the_same_rates_and_irregularity(brian):
    from scipy.stats import ks_2samp

    pairs, start = connections()
    own = statistics(*network_ours(pairs, start), len(start))
    other = statistics(*network_theirs(brian, pairs, start), len(start))
    assert own[0].sum() > 2000
    for a, b in zip(own, other, strict=True):
        assert ks_2samp(a, b).pvalue > 0.01
