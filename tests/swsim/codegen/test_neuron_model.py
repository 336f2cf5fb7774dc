"""Neurons from equations: against solutions, against the models that are there, and compiled against not."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.swsim.codegen.neuron_definition import Definition
from synaptile.swsim.codegen.neuron_model import model_of
from synaptile.swsim.neurons.izhikevich import Izhikevich

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
        du/dt = (a * max(v - e, 0) - u) / 30 + 1e-3 * min(h, 1); rest_g = log(1 + abs(u)) * sqrt(tau)
        wave = sin(v) * cos(u) + tan(clip(g, -1, 1)) + sign(v + 60) * (floor(v) + ceil(u)) / 100
        dg/dt = -g / 5 + 0.001 * rest_g + 0.01 * max(u, 0) ** a + 0.001 * wave
        wave2 = sinh(g) - cosh(clip(u, -3, 3)) + log10(2 + abs(v)) + exprel(clip(v, -70, 3)) * expm1(-abs(u))
        dh/dt = where(v > e and u > 0, wave2, -h) / tau + (v > -62) + (u > 0.1) - (-(g > 0))
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
        spikes += [(step, int(i)) for i in fired]
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
                if len(neuron.advance(np.zeros((2, 1)), None)):
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


MEANINGS = {
    "(x > 1) + (x > 2)": [0, 1, 2],
    "-(x > 2)": [0, 0, -1],
    "where(x > 1 and not x > 2, 5, x)": [1, 5, 3],
    "(x == 2) * 4 + (x > 2 or x < 2) * 8": [8, 4, 8],
    "sign(x - 2) + clip(x, 1.5, 2.5)": [0.5, 2, 3.5],
    "floor(x / 2) + ceil(x / 2) * 10": [10, 11, 21],
    "min(x, 2) + 10 * max(x, 2)": [21, 22, 32],
    "(x > 1) == (x > 2)": [1, 0, 1],
    "1 if x > 2 else (x > 1)": [0, 1, 1],
}


@pytest.mark.parametrize("compiled", ["0", "1"])
def test_what_expressions_mean(compiled, monkeypatch):
    monkeypatch.setenv("SYNAPTILE_NUMBA", compiled)
    lines = [f"dv{k}/dt = {text}" for k, text in enumerate(MEANINGS)]
    definition = Definition("\n".join(lines), "v0 > 1e9", "v0 = 0", {"x": 0.0}, {"excitatory": "v0 += w"})
    neurons = model_of("Own", definition)({"x": [1.0, 2.0, 3.0]})
    run(neurons, 1.0, 1)
    for (text, expected), values in zip(MEANINGS.items(), neurons.state.values(), strict=True):
        assert values.tolist() == expected, text


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


def _leak(v, v_rest, tau_m, I, cm):  # noqa: N803, E741 - the names of equations
    return (v_rest - v) / tau_m + I / cm


def _two(v, u, tau_m):
    # A choice, so that it cannot be called with arrays.
    drive = 2.0 if v < -50.0 else 0.5
    return drive - u / tau_m, (0.1 if v > -60.0 else 0.0) - u / 30.0


class TestFunctions:
    """Python functions in the place of text."""

    SAME = {
        "equations": ("v", _leak),
        "threshold": lambda v, v_thresh: v >= v_thresh,
        "reset": ("v", lambda v_reset: v_reset),
        "on_spike": {"excitatory": ("v", lambda v, w: v + w), "inhibitory": "v -= w"},
    }

    @pytest.mark.parametrize("compiled", ["0", "1"])
    @pytest.mark.parametrize("method", ["euler", "rk4"])
    def test_functions_of_arithmetic_give_the_bits_of_the_text(self, method, compiled, monkeypatch):
        monkeypatch.setenv("SYNAPTILE_NUMBA", compiled)
        random = np.random.default_rng(5)
        arrivals = random.uniform(0, 12, (80, 2, 7)) * (random.random((80, 2, 7)) < 0.4)
        found = []
        for changes in ({}, self.SAME):
            neurons = model(n=7, method=method, refractory="t_ref", clamped=("v",), **changes)
            neurons.state["v"][:] = np.linspace(-70, -52, 7)
            found.append(run(neurons, 0.5, 80, current=0.4, arrivals=arrivals))
        assert found[0][1] == found[1][1]
        assert len(found[0][1]) > 10
        np.testing.assert_array_equal(found[0][0], found[1][0])

    def test_a_function_that_decides_is_called_for_every_neuron(self):
        changes = {
            "equations": ("v, u", _two),
            "reset": ("u, v", lambda u, v_reset: (u + 1.0, v_reset)),
            "refractory": "t_ref",
        }
        text = {
            "equations": "dv/dt = (2.0 if v < -50 else 0.5) - u / tau_m\ndu/dt = (0.1 if v > -60 else 0) - u / 30",
            "reset": "u += 1; v = v_reset",
            "refractory": "t_ref",
        }
        found = []
        for choice, definition in (("0", changes), ("1", changes), ("0", text)):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("SYNAPTILE_NUMBA", choice)
                neurons = model(n=5, **definition)
                neurons.state["v"][:] = np.linspace(-70, -48, 5)
                found.append(run(neurons, 0.5, 120))
        assert found[0][1] == found[1][1] == found[2][1] != []
        np.testing.assert_array_equal(found[0][0], found[1][0])
        np.testing.assert_array_equal(found[0][0], found[2][0])

    def test_a_function_may_change_its_arguments(self):
        def kick(v, w):
            v += w
            w *= 0.0
            return v

        neurons = model(n=2, on_spike={"excitatory": ("v", kick), "inhibitory": "v -= w"})
        neurons.state["v"][:] = -65.0
        arriving = np.array([[3.0, 4.0], [0.0, 1.0]])
        neurons.prepare(1.0)
        neurons.advance(arriving, None)
        assert neurons.state["v"].tolist() == [-62.0, -62.0]
        assert arriving.tolist() == [[3.0, 4.0], [0.0, 1.0]]

    @pytest.mark.parametrize("n", [1, 3])
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"equations": ("v, u", _leak)}, "equations: the function '_leak' must return 2 values, of v, u, not "),
            ({"threshold": lambda v: (v, v)}, "threshold: the function '<lambda>' must return one number, not ("),
            ({"equations": ("v", lambda v: [v])}, "equations: the function '<lambda>' must return one number, not ["),
            (
                {"equations": ("v", lambda v: np.zeros(9))},
                "equations: the function '<lambda>' must return numbers, not",
            ),
        ],
    )
    def test_what_it_must_return(self, n, changes, message, monkeypatch):
        monkeypatch.setenv("SYNAPTILE_NUMBA", "0")
        neurons = model(n=n, **changes)
        with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
            run(neurons, 1.0, 1)

    def test_what_the_compiler_refuses_is_said_by_name(self, monkeypatch):
        monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
        neurons = model(equations=("v", lambda v: eval(str(v))))
        with pytest.raises(ValueError, match=r"^equations: the function '<lambda>' cannot be compiled by Numba: "):
            run(neurons, 1.0, 1)


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
        (
            {"equations": ("v", lambda v, q: v)},
            "equations: the function '<lambda>' takes 'q', which is none of I, cm, ",
        ),
        ({"equations": ("v", lambda v, *q: v)}, "equations: the function '<lambda>' takes *q; it may take names "),
        ({"equations": ("I", lambda cm: cm)}, "equations: 'I' is not a name, or has a meaning already"),
        ({"equations": ("", lambda cm: cm)}, "equations: there must be at least one dx/dt = ..."),
        ({"reset": ("u", lambda v: v)}, "reset: 'u' must name some of v, each once"),
        ({"reset": ("v, v", lambda v: v)}, "reset: 'v, v' must name some of v, each once"),
        ({"on_spike": {"a": ("", lambda v: v)}}, "on_spike['a']: '' must name what the function returns"),
        ({"threshold": lambda v, w: v > w}, "threshold: the function '<lambda>' takes 'w', which is none of"),
        ({"parameters": {"sin": 1.0}}, "parameters: 'sin' is not a name, or has a meaning already"),
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
