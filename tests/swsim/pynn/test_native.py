"""Cell types of synaptile's own as a script uses them."""

import numpy as np
import pytest
from pyNN import errors

import synaptile.swsim as sim


def test_nine_parameters_like_any_cell():
    sim.setup(timestep=0.5)
    cells = sim.Population(3, sim.Izhikevich9(i_offset=[0.0, 0.1, 0.2]), initial_values={"u": 1.0})
    cells.record(["spikes", "v", "u"])
    assert cells.get("C") == 100.0
    assert cells.get("i_offset").tolist() == [0.0, 0.1, 0.2]
    sim.run(500.0)
    counts = list(cells.get_spike_counts().values())
    assert counts[0] == 0 < counts[1] < counts[2]
    signals = {s.name: s for s in cells.get_data().segments[0].analogsignals}
    assert str(signals["u"].dimensionality) == "pA"
    assert signals["u"].magnitude[0].tolist() == [1.0] * 3
    cells.set(i_offset=0.0)
    assert cells.get("i_offset") == 0.0
    assert "Izhikevich9" not in sim.list_standard_models()


def test_whole_numbers_from_weight_to_spike():
    sim.setup(timestep=1.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 2.0, 3.0]))
    cells = sim.Population(2, sim.FixedPointLIF(v_thresh=[20.0, 40.0], leak_shift=3.0))
    cells.record(["spikes", "v"])
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=16.0, delay=1.0))
    sim.run(6.0)
    # 16, 16 - 2 + 16 = 30 fires at 20; the other goes on to 30 - 3 + 16 = 43.
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    assert v[:, 0].tolist() == [0, 0, 16, 0, 16, 14, 13]
    assert v[:, 1].tolist() == [0, 0, 16, 30, 0, 0, 0]
    assert [len(t) for t in cells.get_data().segments[0].spiketrains] == [1, 1]


def test_what_is_not_whole_is_refused():
    sim.setup(timestep=1.0)
    source = sim.Population(1, sim.SpikeSourceArray())
    cells = sim.Population(2, sim.FixedPointLIF())
    other = sim.Population(2, sim.IF_curr_exp())
    for post in (cells, cells + other):
        with pytest.raises(errors.ConnectionError, match=r"^weight must be a whole number .*, not 0.5$"):
            sim.Projection(source, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5))
    prj = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.0))
    with pytest.raises(errors.ConnectionError, match="whole number"):
        prj.set(weight=1.25)
    assert prj.get("weight", format="list", with_address=False) == [2.0, 2.0]
    with pytest.raises(errors.ConnectionError, match="must be StaticSynapse onto neurons that calculate in whole"):
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=2.0))
    with pytest.raises(errors.InvalidParameterValueError, match="leak_shift must be a whole number"):
        sim.Population(1, sim.FixedPointLIF(leak_shift=0.5))
    with pytest.raises(TypeError):
        cells.inject(sim.DCSource(amplitude=1.0))
    assert np.array(sim.get_trace().weight).tolist() == [2.0, 2.0]
