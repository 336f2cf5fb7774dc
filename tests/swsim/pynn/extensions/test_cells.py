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


def test_types_of_axons_are_receptors_and_synapses_are_bits():
    sim.setup(timestep=1.0)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0, 2.0], [2.0]]))
    cells = sim.Population(2, sim.TrueNorthNeuron(weight_0=[5.0, 6.0], weight_3=-2.0, threshold=11.0, bits=8.0))
    cells.record(["spikes", "v"])
    assert cells.receptor_types == ["type0", "type1", "type2", "type3"]
    bit = sim.StaticSynapse(weight=1.0, delay=1.0)
    excitation = sim.Projection(source[0:1], cells, sim.AllToAllConnector(), bit, receptor_type="type0")
    sim.Projection(source[1:2], cells[0:1], sim.AllToAllConnector(), bit, receptor_type="type3")
    sim.run(4.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    assert v[:, 0].tolist() == [0, 0, 5, 8, 8]
    assert v[:, 1].tolist() == [0, 0, 6, 0, 0]
    assert [len(t) for t in cells.get_data().segments[0].spiketrains] == [0, 1]
    with pytest.raises(errors.ConnectionError, match=r"^weight must be 0 or 1 for neurons .* are bits, not 2$"):
        excitation.set(weight=2.0)
    with pytest.raises(errors.ConnectionError, match=r"^weight must be 0 or 1 for neurons .* are bits, not -1$"):
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=-1.0), receptor_type="type1")
    with pytest.raises(TypeError):
        cells.inject(sim.DCSource(amplitude=1.0))
    with pytest.raises(errors.InvalidParameterValueError, match="threshold must be a whole number of that many bits"):
        sim.Population(1, sim.TrueNorthNeuron(bits=8, threshold=128))


def test_a_reset_begins_random_numbers_anew():
    sim.setup(timestep=1.0)
    cells = sim.Population(3, sim.TrueNorthNeuron(leak=90.0, stochastic_leak=1.0, seed=[1.0, 2.0, 1.0]))
    cells.record("spikes")
    sim.run(50.0)
    sim.reset()
    sim.run(50.0)
    first, second = ([train.magnitude.tolist() for train in s.spiketrains] for s in cells.get_data().segments)
    assert first == second
    assert first[0] == first[2] != first[1]
    assert 5 < len(first[0]) < 35


def test_a_cell_from_equations_like_any_other():
    adaptive = sim.define_cell(
        "Adaptive",
        equations="""
            dv/dt = (v_rest - v + gsyn * (e - v)) / tau_m + I / cm - z
            dz/dt = -z / tau_z
            dgsyn/dt = -gsyn / tau_syn
        """,
        threshold="v >= v_thresh",
        reset="v = v_rest; z += jump",
        parameters={
            "v_rest": -65.0, "tau_m": 20.0, "cm": 1.0, "v_thresh": -50.0, "tau_z": 100.0, "jump": 0.1, "e": 0.0,
            "tau_syn": 5.0, "t_ref": 2.0,
        },
        initial_values={"v": -65.0},
        on_spike={"input": "gsyn += w"},
        refractory="t_ref",
        clamped=["v"],
        units={"v": "mV"},
        conductance_based=True,
    )  # fmt: skip
    sim.setup(timestep=0.5)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(5.0, 300.0, 4.0)))
    cells = sim.Population(3, adaptive(jump=[0.0, 0.1, 0.3]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5), receptor_type="input")
    cells.record(["spikes", "v", "z"])
    cells[0:1].inject(sim.DCSource(amplitude=0.5, start=10.0, stop=250.0))
    sim.run(300.0)
    counts = list(cells.get_spike_counts().values())
    assert counts[0] > counts[1] > counts[2] > 3
    signals = {s.name: s for s in cells.get_data().segments[0].analogsignals}
    assert str(signals["v"].dimensionality) == "mV"
    assert signals["v"].magnitude[0].tolist() == [-65.0] * 3
    assert signals["z"].magnitude[-1, 0] == 0.0 < signals["z"].magnitude[-1, 2]
    assert cells.get("jump").tolist() == [0.0, 0.1, 0.3]
    with pytest.raises(errors.ConnectionError, match="at least 0"):
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=-1.0), receptor_type="input")
    with pytest.raises(errors.InvalidParameterValueError, match="t_ref must be at least 0, not -1"):
        sim.Population(1, adaptive(t_ref=-1.0))


def test_by_default_weights_add_to_the_first_variable():
    cell = sim.define_cell("Plain", equations="dv/dt = -v / 10", threshold="v > 5", reset="v = 0", parameters={"a": 1})
    assert cell.receptor_types == ["excitatory", "inhibitory"]
    sim.setup(timestep=1.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    cells = sim.Population(1, cell())
    cells.record("v")
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.0))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=-1.0), receptor_type="inhibitory")
    sim.run(3.0)
    assert cells.get_data().segments[0].analogsignals[0].magnitude[:, 0].tolist() == [0.0, 0.0, 1.0, 0.9]
    for what in ("initial_values", "units"):
        with pytest.raises(ValueError, match=f"^{what}: 'x' is none of v$"):
            sim.define_cell(
                "P", equations="dv/dt = 0", threshold="v > 1", reset="v = 0", parameters={}, **{what: {"x": 1}}
            )
