# amaranth: UnusedElaboratable=no
import pytest
from amaranth.hdl import Assert, Module, Signal
from formal.prover import holds

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
