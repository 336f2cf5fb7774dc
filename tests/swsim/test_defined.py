"""Neurons from equations: against solutions, against the models that are there, and compiled against not."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.swsim.defined import Definition, model_of
from synaptile.swsim.izhikevich import Izhikevich

LEAKY = {
    "equations": "dv/dt = (v_rest - v) / tau_m + I / cm",
    "threshold": "v >= v_thresh",
    "reset": "v = v_reset",
    "parameters": {
        "v_rest": -65.0, "tau_m": 20.0, "cm": 1.0, "v_thresh": -50.0, "v_reset": -70.0, "t_ref": 2.0,
    },
    "on_spike": {"excitatory": "v += w", "inhibitory": "v -= w"},
}  # fmt: skip
# Something of everything that equations can say.
RICH = {
    "equations": """
        drive = I - u + (g if g > 0.001 else -g)   # a name of one's own; only that
        dv/dt = (-(v - e) + slope * exp(min(v - e - 10, 9) / slope)) / tau + tanh(drive) ** 2 * 0.1 + tanh(drive)
        du/dt = (a * max(v - e, 0) - u) / 30; rest_g = log(1 + abs(u)) * sqrt(tau)
        dg/dt = -g / 5 + 0.001 * rest_g + 0.01 * max(u, 0) ** a
    """,
    "threshold": "v > e + 6 and not g > 100 or v >= e + 40",
    "reset": "v = e - 5; u += 0.2\nu *= 0.9",
    "parameters": {"e": -60.0, "tau": 10.0, "slope": 3.0, "a": 0.01, "rest": 1.5},
    "on_spike": {"fast": "v += w", "slow": "g += w; u -= 0.1 * w"},
    "refractory": "rest",
    "clamped": ("v",),
}


def model(n=1, **changes):
    definition = Definition(**(LEAKY | changes))
    return model_of("Own", definition)({name: np.full(n, value) for name, value in definition.parameters.items()})


def run(neurons, dt, steps, current=None, arrivals=None):
    neurons.prepare(dt)
    trace, spikes = [], []
    for step in range(steps):
        arriving = np.zeros((2, neurons.size)) if arrivals is None else arrivals[step]
        fired = neurons.advance(arriving, None if current is None else np.full(neurons.size, current))
        spikes += [(step, int(i)) for i in np.flatnonzero(fired)]
        trace.append([array.copy() for array in neurons.state.values()])
    return np.array(trace), spikes


class TestSolutions:
    @pytest.mark.parametrize(("method", "order"), [("euler", 1), ("rk4", 4)])
    def test_a_decay_of_the_order_of_the_method(self, method, order):
        errors = []
        for dt in (2.0, 1.0, 0.5):
            neuron = model(method=method)
            neuron.state["v"][:] = -55.0
            trace, _ = run(neuron, dt, round(20.0 / dt))
            errors.append(abs(trace[-1, 0, 0] - (-65.0 + 10.0 * np.exp(-1.0))))
        slopes = np.log2(np.array(errors[:-1]) / errors[1:])
        assert slopes == pytest.approx([order, order], abs=0.15)

    def test_substeps_are_smaller_steps(self):
        fine, coarse = model(), model(max_substep=0.26)
        fine.state["v"][:] = coarse.state["v"][:] = -55.0
        assert run(coarse, 1.0, 10)[0][-1, 0, 0] == run(fine, 0.25, 40)[0][-1, 0, 0]

    def test_spikes_come_when_the_solution_crosses(self):
        # From the reset of -70 mV to -50 mV with v' = (-45 - v)/20, after a refractory period of 2 ms.
        neuron = model(method="rk4", refractory="t_ref", clamped=("v",))
        neuron.state["v"][:] = -70.0
        _, spikes = run(neuron, 0.1, 2000, current=1.0)
        interval = 20.0 * np.log(25.0 / 5.0) + 2.0
        steps = np.array([step for step, _ in spikes])
        # At the grid point after the crossing.
        assert (np.diff(steps) == np.ceil(interval / 0.1)).all()
        assert len(steps) > 4

    def test_the_equations_of_izhikevich_are_his_neuron(self):
        values = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "i_offset": 0.01}
        theirs = Izhikevich(values)
        theirs.prepare(0.5)
        own = model(
            equations="dv/dt = (0.04 * v + 5) * v + (140 + 1000 * i_offset - u); du/dt = a * (b * v - u)",
            threshold="v >= 30",
            reset="v = c; u += d",
            parameters=values,
        )
        theirs.state["v"][:] = own.state["v"][:] = -70.0
        own.prepare(0.5)
        spikes = [[], []]
        for step in range(2000):
            for found, neuron in zip(spikes, (theirs, own), strict=True):
                if neuron.advance(np.zeros((2, 1)), None)[0]:
                    found.append(step)
        # Theirs takes u from the new v, ours from the old one.
        assert len(spikes[0]) == pytest.approx(len(spikes[1]), abs=1)
        assert len(spikes[1]) > 10

    def test_what_arrives_acts_before_the_threshold_is_looked_at(self):
        neuron = model()
        neuron.state["v"][:] = -65.0
        arrivals = np.zeros((6, 2, 1))
        arrivals[1, 0], arrivals[3, 0], arrivals[3, 1] = 10.0, 20.0, 1.0
        trace, spikes = run(neuron, 1.0, 6, arrivals=arrivals)
        assert trace[1, 0, 0] == pytest.approx(-55.0)
        assert spikes == [(3, 0)]
        assert trace[3, 0, 0] == -70.0

    def test_the_refractory_period(self):
        neuron = model(refractory="t_ref")
        neuron.state["v"][:] = -65.0
        arrivals = np.full((9, 2, 1), [[40.0], [0.0]])
        _, spikes = run(neuron, 1.0, 9, arrivals=arrivals)
        assert [step for step, _ in spikes] == [0, 3, 6]


@settings(max_examples=15)
@given(st.sampled_from(["euler", "rk4"]), st.integers(0, 2**16), st.sampled_from([0.5, 1.0]))
def test_compiled_gives_the_same_bits(method, seed, dt):
    random = np.random.default_rng(seed)
    n, steps = 40, 60
    arrivals = random.uniform(0, 15, (steps, 2, n)) * (random.random((steps, 2, n)) < 0.3)
    start = random.uniform(-70, -45, n)
    found = []
    for choice in ("0", "1"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SYNAPTILE_NUMBA", choice)
            neurons = _rich(n, method)
            neurons.state["v"][:] = start
            found.append(run(neurons, dt, steps, current=0.4, arrivals=arrivals))
            assert neurons._compiled == (choice == "1")
    (trace, spikes), (compiled_trace, compiled_spikes) = found
    assert spikes == compiled_spikes
    assert len(spikes) > 10
    np.testing.assert_array_equal(trace.view(np.uint64), compiled_trace.view(np.uint64))


_MODELS = {}


def _rich(n, method):
    # One model for all examples of a kind, which is compiled once.
    if method not in _MODELS:
        _MODELS[method] = model_of("Rich", Definition(**RICH, method=method, max_substep=0.3))
    return _MODELS[method]({name: np.full(n, value) for name, value in RICH["parameters"].items()})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"equations": "v = 3"}, "equations: there must be at least one dx/dt = ..."),
        ({"equations": "dv/dt = -v / tau"}, "equations: '-v / tau' uses 'tau', which is none of I, cm, dt, t_ref, "),
        (
            {"equations": "dv/dt = __import__('os')"},
            "equations: \"__import__('os')\" calls __import__('os'); there are ",
        ),
        ({"equations": "dv/dt = v.real"}, "equations: 'v.real' may not use 'v.real'"),
        ({"equations": "dv/dt = [v for v in v]"}, "equations: '[v for v in v]' may not use '[v for v in v]'"),
        ({"equations": "dv/dt = 1e999"}, "equations: '1e999' may not use"),
        ({"equations": "dv/dt = True"}, "equations: 'True' may not use 'True'"),
        ({"equations": "dv/dt = v +"}, "equations: 'v +' is not an expression"),
        ({"equations": "dv/dt = -v\ndv/dt = v"}, "equations: 'dv/dt = -v' defines 'v' a second time"),
        ({"equations": "dv/dt = -v; x == 3"}, "equations: 'x == 3' is not of the form 'name = expression'"),
        ({"equations": "dI/dt = -I"}, "equations: 'I' is not a name, or has a meaning already"),
        ({"equations": "dv/dt = exp(v, v)"}, "equations: 'exp(v, v)' calls exp(v, v); there are exp(x), log(x), "),
        ({"threshold": "v > I"}, "threshold: 'v > I' uses 'I', which is none of"),
        ({"reset": "cm = 3"}, "reset: 'cm = 3' must change one of v"),
        ({"reset": "v"}, "reset: 'v' is not of the form 'name = expression'"),
        ({"on_spike": {}}, "on_spike: there must be at least one receptor"),
        ({"on_spike": {"a": "v += weight"}}, "on_spike['a']: 'weight' uses 'weight', which is none of"),
        ({"parameters": {"_x": 1.0}}, "parameters: '_x' is not a name, or has a meaning already"),
        ({"parameters": {"lambda": 1.0}}, "parameters: 'lambda' is not a name, or has a meaning already"),
        ({"parameters": {"exp": 1.0}}, "parameters: 'exp' is not a name, or has a meaning already"),
        ({"refractory": "rest"}, "refractory must be one of the parameters, not 'rest'"),
        ({"clamped": ("u",)}, "clamped must be among v, not 'u'"),
        ({"method": "magic"}, "method must be 'euler' or 'rk4', not 'magic'"),
        ({"max_substep": 0.0}, "max_substep must be positive and finite, not 0.0"),
    ],
)
def test_refused(changes, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        Definition(**(LEAKY | changes))


def test_no_name_of_a_user_meets_one_of_the_program():
    names = ["h", "k1", "y", "i", "held", "fired", "hold", "refractory", "current", "arriving", "substeps", "step", "n"]
    equations = "; ".join(f"d{name}/dt = -{name}" for name in names)
    neuron = model(
        equations=equations,
        threshold=" and ".join(f"{name} > 0.5" for name in names),
        reset="; ".join(f"{name} = 0" for name in names),
        parameters={"S": 1.0, "P": 1.0, "x": 2.0},
        on_spike={"excitatory": "h += w", "inhibitory": "h += w"},
        method="rk4",
    )
    for array in neuron.state.values():
        array[:] = 1.0
    trace, spikes = run(neuron, 0.5, 1)
    assert spikes == [(0, 0)]
    assert (trace[0] == 0).all()
