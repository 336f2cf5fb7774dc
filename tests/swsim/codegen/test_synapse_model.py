"""Synapses from rules: against the rules that are built in, compiled against not, and what is refused."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.swsim.base.random_streams import streams
from synaptile.swsim.codegen.synapse_definition import SynapseDefinition
from synaptile.swsim.codegen.synapse_model import synapses_of
from synaptile.swsim.plasticity.stdp import PairRule
from synaptile.swsim.plasticity.triplet import NearestRule
from synaptile.swsim.plasticity.weight_dependence import WEIGHT_DEPENDENCES
from synaptile.swsim.synapses.edge_list import Synapses
from synaptile.swsim.synapses.ring_buffer import RingBuffer
from synaptile.swsim.synapses.short_term import Stochastic, TsodyksMarkram

DT = 0.5
TIMES = {"tau_plus": 15.0, "tau_minus": 30.0, "A_plus": 0.01, "A_minus": 0.012, "w_min": 0.0, "w_max": 2.0}
PAIR = {
    "parameters": TIMES,
    "variables": {"x": 0.0, "y": 0.0},
    "equations": "dx/dt = -x / tau_plus; dy/dt = -y / tau_minus",
    "on_pre": "w = clip(w - A_minus * y * (w_max - w_min), w_min, w_max); x += 1",
    "on_post": "w = clip(w + A_plus * x * (w_max - w_min), w_min, w_max); y += 1",
}
NEAREST = PAIR | {name: PAIR[name].replace("+= 1", "= 1") for name in ("on_pre", "on_post")}
USE = {"U": 0.3, "tau_rec": 120.0, "tau_facil": 60.0, "tau_syn": 4.0}
# Resources y in use and z inactivated; what goes from y to z between spikes is the product of two exponentials.
SHORT = {
    "parameters": USE,
    "variables": {"u": 0.0, "y": 0.0, "z": 0.0},
    "equations": "du/dt = -u / tau_facil",
    "on_pre": """
        flow = (exp(-since_pre / tau_rec) - exp(-since_pre / tau_syn)) * tau_rec / (tau_rec - tau_syn)
        z = z * exp(-since_pre / tau_rec) + y * flow
        y *= exp(-since_pre / tau_syn)
        u += U * (1 - u)
        used = u * (1 - y - z)
        y += used
    """,
    "transmit": "w * used",
}


def built(model, values, n=1, delay=1, fraction=1.0, weight=1.0, negative=False, dependence=None):
    """n synapses from neuron 0 to neurons 1..n; ``values`` and the delays may be arrays."""
    zeros = np.zeros(n, np.int32)
    synapses = Synapses(
        zeros, np.arange(1, n + 1, dtype=np.int32), zeros.astype(np.int8), np.full(n, float(weight)),
        np.broadcast_to(np.asarray(delay, np.int32), (n,)).copy(),
    )  # fmt: skip
    every = {**values, "dendritic_delay_fraction": fraction}
    arrays = {name: np.broadcast_to(np.asarray(value, float), (n,)).copy() for name, value in every.items()}
    stream = streams(np.random.SeedSequence(3), n)
    if isinstance(model, dict):
        definition = SynapseDefinition(**model)
        return synapses_of("Own", definition)(synapses, arrays, DT, stream, negative=negative)
    if dependence is not None:
        return model(synapses, arrays, DT, stream, WEIGHT_DEPENDENCES[dependence], negative=negative)
    return model(synapses, arrays, DT, stream)


def run(model, pre, post, until):
    """What arrives at every step, and all weights in the end; ``post`` is a list of (step, neuron)."""
    n = len(model.synapses)
    line = RingBuffer(n + 1, model.synapses.max_delay)
    model.prepare(np.zeros(n + 1, np.int32), line)
    arrived = []
    for step in range(until + 1):
        if step > 0:
            model.begin(step, line)
            arrived.append(line.advance()[0].copy())
        neurons = np.zeros(pre.count(step), np.int32)
        model.arrive(step, line, neurons, np.zeros(len(neurons), np.int32))
        model.fire(step, np.array(sorted([*neurons, *(who for at, who in post if at == step)]), np.int32))
    return np.array(arrived), model.synapses.weight.copy()


# A source may fire several times in a step.
trains = st.lists(st.integers(0, 20) | st.integers(0, 60), max_size=12)
both_choices = pytest.mark.parametrize("compiled", ["0", "1"])


class TestPairs:
    @pytest.mark.parametrize(("own", "rule"), [(PAIR, PairRule), (NEAREST, NearestRule)])
    @both_choices
    @settings(max_examples=25)
    @given(trains, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 3)), max_size=20, unique=True), st.data())
    def test_to_the_last_bit_of_the_rules_that_are_built_in(self, own, rule, compiled, pre, post, data):
        delay = data.draw(st.lists(st.integers(1, 6), min_size=3, max_size=3))
        fraction = data.draw(st.sampled_from([0.0, 0.5, 1.0]))
        negative = data.draw(st.booleans())
        values = TIMES | {"tau_plus": [5.0, 15.0, 40.0]}
        places = {"n": 3, "delay": delay, "fraction": fraction, "weight": -1.0 if negative else 1.0}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SYNAPTILE_NUMBA", compiled)
            model = self.kept(own, compiled)(own, values, **places, negative=negative)
            found = run(model, pre, post, 70)
        expected = run(built(rule, values, **places, negative=negative, dependence="additive"), pre, post, 70)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(a.view(np.uint64), b.view(np.uint64))

    _KEPT = {}

    def kept(self, own, compiled):
        """What builds the synapses; the definition, and what is compiled of it, is made once for all examples."""

        def build(own, values, **places):
            key = (own["on_pre"], compiled)
            if key not in self._KEPT:
                self._KEPT[key] = type(built(own, values, **places))
            model = built(own, values, **places)
            kept = self._KEPT[key]
            return kept(model.synapses, model.parameters, DT, model.stream, negative=places["negative"])

        return build

    def test_something_happens(self):
        _, weights = run(built(PAIR, TIMES, n=2), [3, 20], [(10, 1), (12, 2), (25, 2)], 40)
        assert (weights != 1.0).all()
        assert weights[0] != weights[1]

    def test_a_function_in_the_place_of_the_rule(self):
        def depress(w, x, y, A_minus, w_min, w_max):  # noqa: N803 - the names of parameters
            w = w - A_minus * y * (w_max - w_min)
            return min(max(w, w_min), w_max), x + 1.0

        pre, post = [3, 9, 20, 31], [(5, 1), (9, 1), (25, 2), (30, 1), (33, 2)]
        expected = run(built(PAIR, TIMES, n=2), pre, post, 60)
        for choice in ("0", "1"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("SYNAPTILE_NUMBA", choice)
                model = built(PAIR | {"on_pre": ("w, x", depress), "transmit": lambda w: w}, TIMES, n=2)
                found = run(model, pre, post, 60)
            np.testing.assert_array_equal(found[0], expected[0])
            np.testing.assert_array_equal(found[1], expected[1])

    def test_restart(self):
        model = built(PAIR, TIMES)
        first = run(model, [3, 20], [(10, 1)], 40)
        model.restart()
        model.synapses.weight[:] = 1.0
        again = run(model, [3, 20], [(10, 1)], 40)
        np.testing.assert_array_equal(first[0], again[0])
        assert first[1] == again[1] != 1.0

    def test_a_variable_that_both_sides_change_is_one_after_the_other(self):
        # Both spikes are there at step 11: the postsynaptic one first, as its delay is dendritic.
        rule = {
            "parameters": {"tau": 10.0},
            "variables": {"x": 0.0},
            "equations": "dx/dt = -x / tau",
            "on_pre": "x += 1; w = x",
            "on_post": "x += 10",
        }
        _, weights = run(built(rule, {"tau": 10.0}, delay=1), [11], [(10, 1)], 20)
        assert weights[0] == 11.0


class TestShortTerm:
    @both_choices
    @given(trains.filter(bool))
    @settings(max_examples=20)
    def test_tsodyks_and_markram(self, compiled, pre):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SYNAPTILE_NUMBA", "0" if compiled == "0" else "")
            found, _ = run(built(SHORT, USE, n=2, delay=[1, 3]), pre, [], 70)
        expected, _ = run(built(TsodyksMarkram, USE, n=2, delay=[1, 3]), pre, [], 70)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
        assert (expected > 0).any()

    @both_choices
    def test_the_compiled_form_has_the_same_bits(self, compiled, monkeypatch):
        monkeypatch.setenv("SYNAPTILE_NUMBA", compiled)
        found, _ = run(built(SHORT, USE, n=2, delay=[1, 3]), [1, 4, 5, 30], [], 70)
        monkeypatch.setenv("SYNAPTILE_NUMBA", "0")
        other, _ = run(built(SHORT, USE, n=2, delay=[1, 3]), [1, 4, 5, 30], [], 70)
        np.testing.assert_array_equal(found.view(np.uint64), other.view(np.uint64))

    def test_failures_are_those_of_the_synapse_that_is_built_in(self):
        rule = {"parameters": {"p": 0.4}, "variables": {}, "transmit": "where(random < p, w, 0)"}
        pre = list(range(0, 60, 2))
        found, _ = run(built(rule, {"p": 0.4}, n=5), pre, [], 70)
        expected, _ = run(built(Stochastic, {"p": 0.4}, n=5), pre, [], 70)
        np.testing.assert_array_equal(found, expected)
        assert 0 < expected.sum() < 5 * len(pre)

    def test_recovery_from_a_given_start(self):
        rule = {
            "parameters": {"tau": 20.0, "x_end": 2.0},
            "variables": {"x": 0.5},
            "equations": "dx/dt = (x_end - x) / tau",
            "on_pre": "used = x / 2; x -= used",
            "transmit": "w * used",
        }
        found, _ = run(built(rule, rule["parameters"], weight=3.0), [4, 10], [], 20)
        x = 2.0 - 1.5 * np.exp(-4 * DT / 20.0)
        y = 2.0 - (2.0 - x / 2) * np.exp(-6 * DT / 20.0)
        np.testing.assert_allclose(found[[4, 10], 1], [3 * x / 2, 3 * y / 2], rtol=1e-12)
        assert np.count_nonzero(found) == 2

    def test_spikes_that_arrive_together_are_taken_one_after_the_other(self):
        rule = {"parameters": {}, "variables": {"x": 1.0}, "on_pre": "x /= 2", "transmit": "x"}
        model = built(rule, {})
        line = RingBuffer(2, 1)
        model.prepare(np.zeros(2, np.int32), line)
        model.arrive(3, line, np.zeros(2, np.int32), np.zeros(2, np.int32))
        assert line.advance()[0, 1] == 0.5 + 0.25

    def test_times_since_the_last_spikes(self):
        rule = {
            "parameters": {},
            "variables": {"a": 0.0, "b": 0.0},
            "on_pre": "a = since_pre; b = since_post",
            "on_post": "w = since_pre + 100 * since_post",
        }
        model = built(rule, {}, delay=2, fraction=0.0)
        run(model, [10, 16], [(15, 1), (20, 1)], 30)
        assert (model.state["a"][0], model.state["b"][0]) == (6 * DT, 3 * DT)
        assert model.synapses.weight[0] == 2 * DT + 100 * 5 * DT
        model.restart()
        run(model, [10], [], 30)
        assert model.state["a"][0] > 1e10 < model.state["b"][0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parameters": {"since_pre": 1.0}}, "parameters: 'since_pre' is not a name, or has a meaning already"),
        ({"parameters": {"w": 1.0}}, "parameters: 'w' is not a name, or has a meaning already"),
        ({"variables": {"tau_plus": 0.0}}, "variables: 'tau_plus' is not a name, or has a meaning already"),
        ({"variables": {"x": np.nan, "y": 0.0}}, "variables: x must begin with a finite number, not nan"),
        ({"equations": "dq/dt = -q"}, "equations: 'q' must be a derivative of one of x, y"),
        ({"equations": "q = 3"}, "equations: 'q' must be a derivative of one of x, y"),
        ({"equations": "dx/dt = -x / y; dy/dt = 0"}, "equations: dx/dt may not depend on y; calculate it in on_pre "),
        ({"equations": "dx/dt = -x * x"}, "equations: '-x * x' is not linear in 'x'; calculate it in on_pre or"),
        ({"equations": "dx/dt = -x / tau"}, "equations: '-x / tau' uses 'tau', which is none of "),
        ({"on_pre": "w = w * A"}, "on_pre: 'w * A' uses 'A', which is none of "),
        ({"on_pre": "A_plus = 2"}, "on_pre: 'A_plus = 2' must change one of w, x, y"),
        ({"on_post": "since_pre = 2"}, "on_post: 'since_pre = 2' must change one of w, x, y"),
        ({"on_pre": "wt = w + 1"}, "on_pre: 'wt' is none of the variables, and nothing uses it"),
        ({"on_post": "z = w + 1"}, "on_post: 'z' is none of the variables, and nothing uses it"),
        ({"on_pre": "z += 1"}, "on_pre: 'z + 0' uses 'z', which is none of "),
        ({"transmit": "w * used"}, "transmit: 'w * used' uses 'used', which is none of "),
        ({"transmit": lambda v: v}, "transmit: the function '<lambda>' takes 'v', which is none of "),
        ({"on_pre": ("w, q", lambda w: (w, w))}, "on_pre: 'w, q' must name some of w, x, y, each once"),
        (
            {"positive": ("tau",)},
            "positive must be among tau_plus, tau_minus, A_plus, A_minus, w_min, w_max, not 'tau'",
        ),
    ],
)
def test_refused(changes, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        SynapseDefinition(**(PAIR | changes))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"A_plus": np.inf}, "A_plus must be finite, not inf"),
        ({"tau_plus": 0.0}, "tau_plus must be positive and finite, not 0"),
        ({"dendritic_delay_fraction": 1.5}, "dendritic_delay_fraction must be in 0..1, not 1.5"),
    ],
)
def test_rules_of_parameters(values, message):
    model = synapses_of("Own", SynapseDefinition(**PAIR, positive=("tau_plus",)))
    good = TIMES | {"dendritic_delay_fraction": 1.0}
    model.check({name: np.asarray(value) for name, value in good.items()})
    with pytest.raises(ValueError, match=f"^{message}$"):
        model.check({name: np.asarray(value) for name, value in (good | values).items()})
