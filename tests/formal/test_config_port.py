# amaranth: UnusedElaboratable=no
from typing import Any

import pytest
from amaranth.hdl import Assert, Assume, Module, Signal, Value
from formal.firing import firing as firing
from formal.prover import holds
from support.effort import examples

from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import CoreParams

pytestmark = pytest.mark.formal


class Hasty(NeurosynapticCore):
    """A flaw: words are taken while spikes are still to be sent."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.config.busy.eq(self.neurons.busy | self.queue.busy | self.synapses.busy)
        return m


def contract(core: NeurosynapticCore) -> Module:
    """What the configuration port writes was taken while the core was idle, and is written before the core reads."""
    m = Module()
    m.submodules.core = core
    config = core.config
    written = config.synapses.valid | config.neurons.valid | config.firsts.valid | config.entries.valid
    reading = core.synapses.busy | core.neurons.busy | core.sender.busy
    was_idle = Signal()
    m.d.sync += was_idle.eq(~core.busy)
    m.d.comb += [
        Assert(was_idle | ~written),
        Assert(~(reading & written)),
        Assert(~core.program.ready | ~core.busy),
    ]
    return m


def shown(core: NeurosynapticCore, *, induction: bool = True, steps: int = 2) -> bool:
    inputs = [
        core.tick, core.arrivals.valid, core.arrivals.payload, core.spikes.ready, core.program.valid,
        core.program.payload,
    ]  # fmt: skip
    return holds(contract(core), inputs, steps=steps, induction=induction)


PARAMS = CoreParams(axons=4, neurons=4, lanes=4, weight_bits=1, state_bits=8, targets=2, refractory_bits=1)


def test_configuration_cannot_change_a_running_tick() -> None:
    """Bounded: in so many cycles from reset, a tick with events begins and ends."""
    assert shown(NeurosynapticCore(PARAMS, 1), induction=False, steps=22)


def test_a_flaw_is_found() -> None:
    assert not shown(Hasty(PARAMS, 1), induction=False, steps=22)


class Lingering(NeurosynapticCore):
    """A flaw: a word is being read for one cycle too many when a tick begins."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.neurons.program.look.eq(self.config.reading)
        return m


READ = CoreParams(
    axons=4, neurons=4, lanes=2, weight_bits=1, state_bits=8, targets=2, refractory_bits=1, neuron="delta-lif",
    readback=True,
)  # fmt: skip


def compared(core: NeurosynapticCore) -> tuple[Module, list[Any]]:
    """A core whose words are read does in every cycle what one does whose words are not."""
    m = Module()
    m.submodules.core = core
    m.submodules.other = other = NeurosynapticCore(READ, 1)
    for each in (core, other):
        each.sender.firsts.storage.init = [[{"entry": 0, "sends": 1}]]
        each.sender.entries.storage.init = [[{"last": 1}]]
    m.d.comb += [
        Assume(core.program.payload.read),
        other.tick.eq(core.tick),
        other.arrivals.valid.eq(core.arrivals.valid),
        other.arrivals.payload.eq(core.arrivals.payload),
        other.spikes.ready.eq(core.spikes.ready),
        Assert(core.busy == other.busy),
        Assert(core.arrivals.ready == other.arrivals.ready),
        Assert(core.spikes.valid == other.spikes.valid),
        Assert(~core.spikes.valid | (Value.cast(core.spikes.payload) == Value.cast(other.spikes.payload))),
        Assert(core.neurons.fired_valid == other.neurons.fired_valid),
        Assert(~core.neurons.fired_valid | (core.neurons.fired_group == other.neurons.fired_group)),
    ]
    return m, [
        core.tick, core.arrivals.valid, core.arrivals.payload, core.spikes.ready, core.program.valid,
        core.program.payload, core.replies.ready,
    ]  # fmt: skip


@pytest.mark.usefixtures("firing")
def test_reading_cannot_change_a_tick() -> None:
    """Bounded: so many cycles from reset, with reads and ticks at any of them."""
    circuit, inputs = compared(NeurosynapticCore(READ, 1))
    assert holds(circuit, inputs, steps=examples(14, 22), induction=False)


@pytest.mark.usefixtures("firing")
def test_a_read_that_lingers_is_found() -> None:
    circuit, inputs = compared(Lingering(READ, 1))
    assert not holds(circuit, inputs, steps=16, induction=False)
