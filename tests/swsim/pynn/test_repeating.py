"""What the seed determines, and the trace of a run."""

import json

import numpy as np
from support.fake_chip import CHAIN, chain, spikes

import synaptile.swsim as sim
from synaptile.swsim.trace import Trace


class TestSeed:
    def network(self, seed):
        sim.setup(timestep=1.0, seed=seed)
        noise = sim.Population(20, sim.SpikeSourcePoisson(rate=50.0))
        more = sim.Population(20, sim.SpikeSourcePoisson(rate=50.0))
        cells = sim.Population(20, sim.IF_curr_exp(i_offset=sim.RandomDistribution("uniform", low=0.5, high=1)))
        cells.initialize(v=sim.RandomDistribution("uniform", low=-65, high=-50))
        sim.Projection(
            noise,
            cells.sample(10),
            sim.FixedProbabilityConnector(0.5),
            sim.StaticSynapse(weight=sim.RandomDistribution("uniform", low=0, high=1), delay=1.0),
        )
        return noise, more, cells

    def run(self, seed):
        self.network(seed)
        sim.run(200)
        return sim.get_trace()

    def test_determines_everything(self, tmp_path):
        first, second, other = (self.run(seed) for seed in (3, 3, 4))
        assert spikes(first) == spikes(second) != spikes(other)
        assert first.save(tmp_path / "1").read_bytes() == second.save(tmp_path / "2").read_bytes()
        assert not np.array_equal(first.weight, other.weight)

    def test_populations_and_trials_differ_and_repeat(self):
        def trials():
            noise, more, _ = self.network(3)
            noise.record("spikes")
            more.record("spikes")
            for _ in range(2):
                sim.run(200)
                sim.reset()
            return [
                [train.magnitude.tolist() for train in segment.spiketrains]
                for population in (noise, more)
                for segment in population.get_data().segments
            ]

        trains = trials()
        assert len(trains) == 4
        assert all(a != b for i, a in enumerate(trains) for b in trains[:i])
        assert trains == trials()

    def test_split_runs_draw_the_same(self):
        whole = self.run(3)
        self.network(3)
        for _ in range(8):
            sim.run(25)
        assert spikes(sim.get_trace()) == spikes(whole)


class TestTrace:
    def test_content(self, tmp_path):
        chain(seed=9)
        sim.run(30)
        sim.end()
        path = sim.save_trace(tmp_path / "snn.sw.out")
        trace = Trace.load(path)
        assert spikes(trace) == CHAIN
        assert (trace.dt, trace.steps, trace.neurons, trace.partial) == (0.1, 301, 3, False)
        assert trace.pre.tolist() == [0, 1]
        assert trace.post.tolist() == [1, 2]
        assert trace.weight.tolist() == [20.0, 20.0]
        assert trace.delay.tolist() == [5, 20]
        assert [(p.label, p.start, p.stop, p.celltype) for p in trace.populations] == [
            ("source", 0, 1, "SpikeSourceArray"),
            ("cells", 1, 3, "IF_curr_delta"),
        ]
        assert trace.meta["seed"] == 9
        assert sorted(trace.meta["versions"]) == ["numpy", "pyNN", "python", "synaptile"]
        json.dumps(trace.meta)

    def test_before_any_run(self):
        chain()
        trace = sim.get_trace()
        assert (trace.steps, trace.spikes, trace.synapses) == (0, 0, 2)

    def test_does_not_change_afterwards(self):
        chain()
        sim.run(5)
        trace = sim.get_trace()
        sim.run(25)
        assert spikes(trace) == CHAIN[:3]
        assert trace.steps == 51
