"""The same neurons and networks in NEST through PyNN, where it is installed (`make peers`).

NEST integrates models of currents exactly, as it is done here, and the others with an adaptive method whose error per
step is at most 1e-3 mV by default.
"""

import contextlib
import io
from dataclasses import dataclass, field

import numpy as np
import pytest
from support.vogels_abbott import SECOND, connections, statistics

import synaptile.swsim as sim
from synaptile.bridge.bench.networks import potjans_diesmann

# NEST warns of its own ways, and PyNN of what NEST cannot initialise.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

DT, DURATION = 0.1, 120.0  # ms
EXCITATORY = [5.0, 12.0, 12.5, 30.0, 31.0, 32.5, 60.0]
INHIBITORY = [20.0, 33.0, 50.0]


@pytest.fixture(scope="module")
def nest():
    """PyNN's module for NEST; skips the test where there is none."""
    pytest.importorskip("nest", reason="NEST is not installed here", exc_type=ImportError)
    with contextlib.redirect_stdout(io.StringIO()):
        from pyNN import nest
    # PyNN 0.13 leaves out what can be recorded of these neurons.
    nest.IF_curr_delta.variable_map, nest.IF_curr_delta.scale_factors = {"v": "V_m"}, {"v": 1}
    return nest


@dataclass(frozen=True)
class Case:
    """A cell with synaptic input; one current leaves it below threshold, the other drives it.

    ``tolerance`` is for traces below threshold in mV, ``native`` what NEST calls a cell that PyNN refuses, with
    its parameters, and ``stronger`` the factor of weights that drive a cell that takes no current.
    """

    cell: str
    parameters: dict
    weights: tuple
    tolerance: float
    quiet: float = 0.1
    driving: float = 1.5
    initial: dict = field(default_factory=lambda: {"v": -63.0})
    native: tuple = ()
    stronger: float = 1.0


MEMBRANE = {
    "v_rest": -65.0, "cm": 0.5, "tau_m": 15.0, "tau_refrac": 2.0, "v_reset": -68.0, "v_thresh": -52.0,
}  # fmt: skip
TAUS = {"tau_syn_E": 3.0, "tau_syn_I": 7.0}
REVERSALS = {"e_rev_E": 0.0, "e_rev_I": -80.0}
ADAPTIVE = MEMBRANE | TAUS | REVERSALS | {"v_spike": -40.0, "a": 4.0, "b": 0.08, "delta_T": 2.0, "tau_w": 100.0}
RATES = {"tau_sfa": 100.0, "e_rev_sfa": -75.0, "q_sfa": 15.0, "tau_rr": 2.0, "e_rev_rr": -70.0, "q_rr": 3000.0}
SFA_RR = {
    "E_L": -65.0, "C_m": 500.0, "g_L": 500.0 / 15.0, "t_ref": 2.0, "V_reset": -68.0, "V_th": -52.0, "tau_syn_ex": 3.0,
    "tau_syn_in": 7.0, "E_ex": 0.0, "E_in": -80.0, "tau_sfa": 100.0, "E_sfa": -75.0, "q_sfa": 15.0, "tau_rr": 2.0,
    "E_rr": -70.0, "q_rr": 3000.0,
}  # fmt: skip
CASES = {
    case.cell: case
    for case in (
        Case("IF_curr_exp", MEMBRANE | TAUS, (0.3, -0.4), 1e-9),
        Case("IF_curr_alpha", MEMBRANE | TAUS, (0.3, -0.4), 1e-9),
        Case("IF_curr_delta", MEMBRANE, (2.0, -1.5), 1e-9),
        Case("IF_cond_exp", MEMBRANE | TAUS | REVERSALS, (0.006, 0.01), 1e-3),
        Case("IF_cond_alpha", MEMBRANE | TAUS | REVERSALS, (0.003, 0.01), 1e-3),
        Case(
            "IF_cond_exp_gsfa_grr", MEMBRANE | TAUS | REVERSALS | RATES, (0.006, 0.01), 1e-3,
            native=("iaf_cond_exp_sfa_rr", SFA_RR),
        ),
        Case(
            "IF_facets_hardware1", {"g_leak": 40.0, "v_rest": -65.0, "v_thresh": -52.0, "v_reset": -80.0},
            (0.002, 0.002), 1e-3, initial={"v": -65.0}, stronger=5.0,
        ),
        Case("EIF_cond_exp_isfa_ista", ADAPTIVE, (0.006, 0.01), 2e-3),
        Case("EIF_cond_alpha_isfa_ista", ADAPTIVE, (0.003, 0.01), 2e-3),
        Case("HH_cond_exp", {}, (0.0005, 0.01), 2e-3, quiet=0.0, driving=1.5, initial={"v": -65.0}),
        # Without escape noise it cannot fire.
        Case("GIF_cond_exp", {"lambda0": 0.0}, (0.005, 0.01), 1e-3),
        # Both of first order in dt, and not in the same order of operations.
        Case("Izhikevich", {}, (1.0, -1.0), 0.02, quiet=0.0, driving=0.01, initial={"v": -65.0, "u": -13.0}),
    )
}  # fmt: skip
DRIVEN = [name for name in CASES if name != "GIF_cond_exp"]


def run(simulator, case, current, factor=1.0):
    """Potential (mV) and spike times (ms) of the cell with that current in nA, and weights times that factor."""
    own = simulator is sim
    simulator.setup(timestep=DT, min_delay=DT, **({} if own else {"spike_precision": "on_grid"}))
    native = bool(case.native) and not own
    if native:
        kind, values = case.native
        cell = simulator.native_cell_type(kind)(I_e=1000.0 * current, **values)
    else:
        cell = getattr(simulator, case.cell)(**case.parameters)
        if cell.has_parameter("i_offset"):
            cell.parameter_space.update(i_offset=current)
    variable = "V_m" if native else "v"
    cells = simulator.Population(1, cell)
    cells.initialize(**{variable if name == "v" else name: value for name, value in case.initial.items()})
    for times, weight, receptor in (
        (EXCITATORY, case.weights[0], "excitatory"),
        (INHIBITORY, case.weights[1], "inhibitory"),
    ):
        source = simulator.Population(1, simulator.SpikeSourceArray(spike_times=times))
        synapse = simulator.StaticSynapse(weight=weight * factor, delay=1.0)
        simulator.Projection(source, cells, simulator.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record([variable, "spikes"])
    with contextlib.redirect_stdout(io.StringIO()):
        simulator.run(DURATION)
    segment = cells.get_data().segments[0]
    return segment.analogsignals[0].magnitude[:, 0], segment.spiketrains[0].magnitude


@pytest.mark.parametrize("name", CASES)
def test_below_threshold_the_traces_are_the_same(nest, name):
    case = CASES[name]
    (trace, spikes), (expected, expected_spikes) = run(sim, case, case.quiet), run(nest, case, case.quiet)
    assert len(spikes) == len(expected_spikes) == 0
    assert np.ptp(expected) > 1.0
    np.testing.assert_allclose(trace, expected, atol=case.tolerance, rtol=0.0)


@pytest.mark.parametrize("name", DRIVEN)
def test_driven_cells_spike_within_a_step(nest, name):
    case = CASES[name]
    (_, spikes), (_, expected) = (run(simulator, case, case.driving, case.stronger) for simulator in (sim, nest))
    assert len(expected) >= 4
    if name == "Izhikevich":
        # Of first order in dt on purpose, see docs/models.md.
        assert spikes[0] == pytest.approx(expected[0], abs=4 * DT)
        assert len(spikes) == pytest.approx(len(expected), abs=1)
        return
    np.testing.assert_allclose(spikes, expected, atol=1.01 * DT, rtol=0.0)


def network(simulator, kind, pairs, start):
    """Neurons and spike times (ms) of Vogels and Abbott's network in one second."""
    simulator.setup(timestep=DT, min_delay=DT, **({} if simulator is sim else {"spike_precision": "on_grid"}))
    membrane = {"cm": 0.2, "tau_m": 20.0, "tau_refrac": 5.0, "v_thresh": -50.0, "v_reset": -60.0}
    taus = {"tau_syn_E": 5.0, "tau_syn_I": 10.0}
    if kind == "current":
        cell = simulator.IF_curr_exp(v_rest=-49.0, **membrane, **taus)
        weights = 1.62e-2, -9.0e-2
    else:
        # A current in the place of the input that begins the activity, which would be random.
        cell = simulator.IF_cond_exp(v_rest=-60.0, i_offset=0.15, **REVERSALS, **membrane, **taus)
        weights = 6e-3, 67e-3
    cells = simulator.Population(len(start), cell)
    cells.initialize(v=start)
    for (pre, post), weight, receptor in zip(pairs, weights, ("excitatory", "inhibitory"), strict=True):
        rows = np.stack([pre, post, np.full(len(pre), weight), np.full(len(pre), 0.2)], axis=1)
        connector = simulator.FromListConnector(rows)
        simulator.Projection(cells, cells, connector, simulator.StaticSynapse(), receptor_type=receptor)
    cells.record("spikes")
    with contextlib.redirect_stdout(io.StringIO()):
        simulator.run(SECOND)
    trains = [train.magnitude for train in cells.get_data().segments[0].spiketrains]
    return np.repeat(np.arange(len(trains)), [len(train) for train in trains]), np.concatenate(trains)


@pytest.mark.parametrize("kind", ["current", "conductance"])
def test_a_recurrent_network_has_the_same_rates_and_irregularity(nest, kind):
    from scipy.stats import ks_2samp

    pairs, start = connections()
    own, other = (statistics(*network(simulator, kind, pairs, start), len(start)) for simulator in (sim, nest))
    assert own[0].sum() > 2000
    assert len(own[1]) > 50
    for a, b in zip(own, other, strict=True):
        assert ks_2samp(a, b).pvalue > 0.01


SILENT, MEASURED = 200.0, 800.0  # ms


def rates_of_the_microcircuit(simulator):
    """Mean rate (Hz) of each population of Potjans and Diesmann's network.

    2 % of the neurons, 10 % of the in-degrees, and the published Poisson input: 12.8 to 23.2 kHz for each neuron.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        populations = potjans_diesmann(simulator, 0.02, in_degrees=0.1, external=1.0)
        for population in populations:
            population.record("spikes")
        simulator.run(SILENT + MEASURED)
    trains = [population.get_data("spikes").segments[0].spiketrains for population in populations]
    counts = [np.mean([(train.magnitude > SILENT).sum() for train in group]) for group in trains]
    return np.array(counts) / MEASURED * 1000.0


def test_the_cortical_microcircuit_has_the_same_rates(nest):
    own, other = rates_of_the_microcircuit(sim), rates_of_the_microcircuit(nest)
    # Networks so small differ from one to the next: of seven seeds L2/3E had 0.6 to 1.0 Hz, L5E 6.5 to 9.2 Hz, L6E 0.7
    # to 1.2 Hz, but L4E and L4I 3.7 to 4.0 and 5.1 to 5.6 Hz, L5I 8.3 to 9.3 Hz, L6I 7.3 to 7.6 Hz. With half of the
    # variance of the input L4E would have 3.2 Hz.
    steady = [2, 3, 5, 7]
    np.testing.assert_allclose(own[steady], other[steady], rtol=0.1)
    np.testing.assert_allclose(own, other, rtol=0.25, atol=0.3)
    # Those of the full network: L2/3E, L2/3I, L4E, L4I, L5E, L5I, L6E, L6I.
    np.testing.assert_allclose(own, [0.94, 3.03, 4.37, 5.88, 7.73, 8.66, 1.10, 7.85], rtol=0.3, atol=0.3)
