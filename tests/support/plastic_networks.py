"""Random networks of plastic and static synapses, run on the engine, and all that is known of them afterwards."""

from dataclasses import dataclass, field, replace

import numpy as np
from support.current_pulse import Pulse

from synaptile.swsim.base.random_streams import streams
from synaptile.swsim.base.time_grid import TimeGrid
from synaptile.swsim.codegen.synapse_definition import SynapseDefinition
from synaptile.swsim.codegen.synapse_model import synapses_of
from synaptile.swsim.engine.populations import PopulationBlock
from synaptile.swsim.engine.simulation import Engine
from synaptile.swsim.neurons.lif import CurrDelta, CurrExp
from synaptile.swsim.plasticity.reward import RewardRule
from synaptile.swsim.plasticity.stdp import PairRule, VogelsRule
from synaptile.swsim.plasticity.triplet import NearestRule, TripletRule
from synaptile.swsim.plasticity.weight_dependence import WEIGHT_DEPENDENCES
from synaptile.swsim.recording.sampler import Sampler
from synaptile.swsim.sources.poisson import PoissonProcesses
from synaptile.swsim.sources.spike_trains import SpikeTrains
from synaptile.swsim.synapses.edge_list import Synapses
from synaptile.swsim.synapses.gap_junctions import GapJunctions
from synaptile.swsim.synapses.short_term import Quantal, Stochastic, TsodyksMarkram

__all__ = ["DEFINED", "IMMEDIATE", "RULES", "PlasticNetwork", "assert_same"]

DT = 0.5
LEAKY = {
    "v_rest": -65.0, "cm": 0.5, "tau_m": 10.0, "tau_refrac": 1.5, "i_offset": 0.4, "v_reset": -68.0, "v_thresh": -55.0,
    "tau_syn_E": 3.0, "tau_syn_I": 7.0,
}  # fmt: skip
PAIR = {"tau_plus": 12.0, "tau_minus": 25.0, "A_plus": 0.05, "A_minus": 0.06}
TRIPLET = {
    "tau_plus": 16.8, "tau_minus": 33.7, "tau_x": 101.0, "tau_y": 125.0, "A2_plus": 5e-3, "A2_minus": 7e-2,
    "A3_plus": 6.2e-2, "A3_minus": 2.3e-2,
}  # fmt: skip
RULES = {
    "pair": (PairRule, PAIR),
    "nearest": (NearestRule, PAIR),
    "vogels": (VogelsRule, {"tau": 20.0, "eta": 0.02, "rho": 20.0}),
    "triplet": (TripletRule, TRIPLET),
    "reward": (RewardRule, {**PAIR, "tau_eligibility": 80.0, "tau_reward": 30.0}),
}
IMMEDIATE = {
    "resources": (TsodyksMarkram, {"U": 0.4, "tau_rec": 60.0, "tau_facil": 30.0, "tau_syn": 3.0}),
    "resources, delta": (TsodyksMarkram, {"U": 0.3, "tau_rec": 90.0, "tau_facil": 0.0, "tau_syn": 0.0}),
    "stochastic": (Stochastic, {"p": 0.6}),
    "quantal": (Quantal, {"U": 0.4, "n": 5.0, "tau_rec": 60.0, "tau_facil": 30.0}),
}
W_MAX = 1.2
PAIRS = SynapseDefinition(
    parameters={"tau_plus": 12.0, "tau_minus": 25.0, "A_plus": 0.05, "A_minus": 0.06},
    variables={"x": 0.0, "y": 0.0},
    equations="dx/dt = -x / tau_plus; dy/dt = -y / tau_minus",
    on_pre="w = clip(w - A_minus * y, 0, 1.2); x += 1",
    on_post="w = clip(w + A_plus * x, 0, 1.2); y += 1",
    transmit="w",
)
CHANCE = SynapseDefinition(
    parameters={"tau": 30.0},
    variables={"u": 0.3, "k": 0.0},
    equations="du/dt = (1 - u) / tau",
    on_pre="sent = where(random < u, w, 0); u = u * 0.5; k += where(since_post < delay + 9, 1, 0)",
    on_post="w = w * (0.98 + 0.03 * random)",
    transmit="sent * exp(-k / 900)",
)
ONE_SIDED = SynapseDefinition(
    parameters={"U": 0.3, "tau": 80.0},
    variables={"r": 1.0, "n": 0.0},
    equations="dr/dt = (1 - r) / tau",
    on_pre="used = U * r; r -= used; n += since_pre / (since_pre + 1)",
    transmit="w * used * 3",
)
DEFINED = {
    name: (synapses_of(name.title(), definition), definition.parameters)
    for name, definition in (("own pairs", PAIRS), ("own chance", CHANCE), ("own, one-sided", ONE_SIDED))
}


@dataclass
class PlasticNetwork:
    """What a random network is made of; `build` makes it, always the same one.

    ``groups`` are names of `RULES` with a weight dependence behind a colon, of `IMMEDIATE`, or of `DEFINED`.
    """

    seed: int
    groups: list[str]
    varied: bool = False
    delays: int = 6
    busy: bool = True
    gaps: int = 0
    electrodes: bool = False
    size: int = 40
    engine: Engine = field(init=False)
    tile: np.ndarray | None = field(init=False)

    def build(self, threads: int = 1, hardware=None) -> "PlasticNetwork":
        """Make it; hardware in lock-step gets nine tiles, on which the neurons lie here and there."""
        made = replace(self)
        random = np.random.default_rng(self.seed)
        grid = TimeGrid(DT)
        rate = random.uniform(0, 4000.0 if self.busy else 60.0, 9)
        n = self.size

        def cells(kind, count):
            parameters = {name: value * random.uniform(0.95, 1.05, count) for name, value in LEAKY.items()}
            model = kind(parameters)
            model.state["v"][:] = random.uniform(-66, -56, count)
            return model

        self_models = [
            PoissonProcesses(grid, rate, np.zeros(9), np.full(9, 1e9)),
            cells(CurrExp, n),
            SpikeTrains(grid, [np.sort(random.integers(0, 60, 12)) * 1.0 for _ in range(5)]),
            cells(CurrDelta, n // 2),
        ]
        made.blocks, start = [], 0
        for model, count in zip(self_models, (9, n, 5, n // 2), strict=True):
            made.blocks.append(PopulationBlock(start, start + count, model))
            start += count
        made.neurons = start
        made.static = made._synapses(random, 5 * n, 0.4)
        made.dynamics = [made._group(random, name) for name in self.groups]
        made.junctions = [made._gaps(random) for _ in range(self.gaps)]
        made.engine = Engine(grid, hardware, threads=threads)
        made.tile = None
        if hardware is not None:
            made.tile = (np.arange(made.neurons) * 7 % 9).astype(np.int32)
            every = [made.static, *(group.synapses for group in made.dynamics)]
            sides = (np.concatenate([getattr(part, side) for part in every]) for side in ("pre", "post"))
            hardware.connect(made.tile, *sides)
        if self.electrodes:
            ids = np.arange(made.blocks[1].start, made.blocks[1].stop)
            made.engine.set_electrodes([Pulse(ids, 0.3, 5, 60), Pulse(ids[::3], -0.2, 20, 300)])
        made.samplers = []
        return made

    def _synapses(self, random, count, weight):
        pre = random.integers(0, self.neurons, count)
        post = random.choice(self._cells(), count)
        delay = random.integers(1, self.delays + 1, count) if self.delays > 1 else np.full(count, 2)
        receptor = (random.random(count) < 0.2).astype(np.int8)
        weights = random.uniform(0, weight, count) * np.where(receptor == 1, -1.0, 1.0)
        return Synapses(pre.astype(np.int32), post.astype(np.int32), receptor, weights, delay.astype(np.int32))

    def _group(self, random, name):
        kind, _, dependence = name.partition(":")
        count = 6 * self.size
        synapses = self._synapses(random, count, W_MAX)
        negative = bool(random.random() < 0.3)
        sign = -1.0 if negative else 1.0
        synapses = replace(
            synapses, weight=sign * np.abs(synapses.weight), receptor=np.full(count, int(negative), np.int8)
        )
        model, values = (RULES | IMMEDIATE | DEFINED)[kind]
        stream = streams(np.random.SeedSequence(self.seed), count)

        def all_of(values):
            spread = 0.2 if self.varied else 0.0
            return {key: value * random.uniform(1 - spread, 1 + spread, count) for key, value in values.items()}

        if kind in IMMEDIATE:
            parameters = all_of(values)
            if "n" in parameters:
                parameters["n"] = np.rint(parameters["n"])
            return model(synapses, parameters, DT, stream)
        if kind in DEFINED:
            parameters = all_of(values)
            fraction = random.choice([1.0, 0.0, 0.5])
            if "dendritic_delay_fraction" in model.PARAMETERS:
                parameters["dendritic_delay_fraction"] = np.full(count, fraction)
            return model(synapses, parameters, DT, stream, negative=negative)
        parameters = all_of({**values, "w_max": W_MAX, "mu_plus": 0.4, "mu_minus": 1.3}) | {"w_min": np.zeros(count)}
        fraction = random.choice([1.0, 1.0, 0.0, 0.5])
        parameters["dendritic_delay_fraction"] = np.full(count, fraction)
        return model(synapses, parameters, DT, stream, WEIGHT_DEPENDENCES[dependence], negative=negative)

    def _gaps(self, random):
        pairs = random.choice(self._cells(), (2, self.size)).astype(np.int32)
        return GapJunctions(*pairs, random.uniform(0, 2e-3, self.size))

    def _cells(self):
        return np.concatenate([np.arange(block.start, block.stop) for block in self.blocks[1::2]])

    def load(self):
        """Give the engine the network as it is now, as after a change."""
        self.engine.load(self.blocks, self.static, self.tile, self.dynamics, self.junctions)

    def record(self):
        """Record a variable of neurons, and the weights of all plastic synapses."""
        cells = self.blocks[1].model
        sampler = Sampler(cells, "v", 3, self.engine.step)
        sampler.add(np.arange(0, cells.size, 2))
        self.samplers.append(sampler)
        for k, group in enumerate(self.dynamics):
            sampler = Sampler(_Weights(group), "weight", 7 + k, self.engine.step)
            sampler.add(np.arange(len(group.synapses)))
            self.samplers.append(sampler)
        self.engine.samplers.extend(self.samplers)

    def result(self):
        """All that can be seen from outside, weights and states of synapses included."""
        log = self.engine.log
        for group in self.dynamics:
            group.refresh()
        return {
            "neuron": log.neuron.copy(),
            "step": log.step.copy(),
            "weights": [group.synapses.weight.copy() for group in self.dynamics],
            "states": [array.copy() for group in self.dynamics for array in group.state.values()],
            "neurons": [array.copy() for block in self.blocks[1::2] for array in block.model.state.values()],
            "samples": [sampler.data(sampler.index) for sampler in self.samplers],
            "line": self.engine._line.coming,
        }


class _Weights:
    def __init__(self, group):
        self._group = group

    @property
    def state(self):
        return {"weight": self._group.synapses.weight}


def assert_same(ours, theirs):
    """All arrays of two results have the same bits, but for the sign of zeros."""
    assert len(theirs["neuron"]) > 50
    for name, value in ours.items():
        other = theirs[name]
        pairs = zip(value, other, strict=True) if isinstance(value, list) else [(value, other)]
        for a, b in pairs:
            np.testing.assert_array_equal(a, b, err_msg=name)
