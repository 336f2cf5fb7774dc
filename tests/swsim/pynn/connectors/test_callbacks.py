"""The callback of every connector hears how far the connections are, and may stop them."""

import numpy as np
import pytest
from pyNN.core import IndexBasedExpression

import synaptile.swsim as sim


class Always(IndexBasedExpression):
    def __call__(self, i, j):
        return np.ones(np.broadcast(i, j).shape)


def connected(connector, **synapse):
    sim.setup(timestep=0.1)
    cells = sim.Population(4, sim.IF_cond_exp())
    synapse = sim.StaticSynapse(**{"weight": 0.1, "delay": 0.5} | synapse)
    return sim.Projection(cells, cells, connector, synapse)


CONNECTORS = {
    "AllToAll": lambda **o: sim.AllToAllConnector(**o),
    "OneToOne": lambda **o: sim.OneToOneConnector(**o),
    "FixedProbability": lambda **o: sim.FixedProbabilityConnector(1.0, **o),
    "FixedTotalNumber": lambda **o: sim.FixedTotalNumberConnector(50, **o),
    "FixedNumberPre": lambda **o: sim.FixedNumberPreConnector(2, **o),
    "FixedNumberPost": lambda **o: sim.FixedNumberPostConnector(4, **o),
    "DistanceDependentProbability": lambda **o: sim.DistanceDependentProbabilityConnector("d >= 0", **o),
    "IndexBasedProbability": lambda **o: sim.IndexBasedProbabilityConnector(Always(), **o),
    "DisplacementDependentProbability": lambda **o: sim.DisplacementDependentProbabilityConnector(
        lambda d: np.ones(d.shape[1:]), **o
    ),
    "Array": lambda **o: sim.ArrayConnector(np.ones((4, 4), bool), **o),
    "FromList": lambda **o: sim.FromListConnector([(0, j) for j in (3, 0, 1, 2)], **o),
    "SmallWorld": lambda **o: sim.SmallWorldConnector(9.0, 0.0, **o),
    "Clone": lambda **o: None,
    "FromFile": lambda **o: None,
}


def made(kind, tmp_path, **options):
    if kind == "FromFile":
        np.savetxt(tmp_path / "list", [(j, j) for j in range(4)])
        return sim.FromFileConnector(str(tmp_path / "list"), **options)
    return CONNECTORS[kind](**options)


@pytest.mark.parametrize("varying", [False, True])
@pytest.mark.parametrize("kind", sorted(CONNECTORS))
def test_every_connector_calls_it(kind, varying, tmp_path):
    weight = sim.RandomDistribution("uniform", low=0.1, high=0.2) if varying else 0.1
    calls = []
    if kind == "Clone":
        first = connected(sim.AllToAllConnector())
        sim.Projection(first.pre, first.post, sim.CloneConnector(first, callback=calls.append))
    else:
        connected(made(kind, tmp_path, callback=calls.append), weight=weight)
    assert calls == [0, 0.25, 0.5, 0.75]


@pytest.mark.parametrize("kind", sorted(CONNECTORS.keys() - {"Clone"}))
def test_what_it_raises_is_raised(kind, tmp_path):
    def stop(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connected(made(kind, tmp_path, callback=stop))
    assert sim.get_trace().synapses == 0


def test_only_neurons_that_are_connected_are_counted():
    calls = []
    connected(sim.FromListConnector([(0, 2), (1, 2)], callback=calls.append))
    assert calls == [0.5]
