# amaranth: UnusedElaboratable=no
from collections.abc import Callable

import pytest
from amaranth.hdl import Assert, Assume, Module, Mux, Signal
from formal.prover import State, holds

from synaptile.rtl import NetworkParams
from synaptile.rtl.tile.network_interface import Depacketizer, Packetizer

pytestmark = pytest.mark.formal

SMALL = {"rows": 2, "cols": 2, "neurons": 4, "stamp_bits": 3}


class Forgetful(Packetizer):
    """A flaw: a spike may be taken while the one before is still being sent."""

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        m.d.comb += self.spikes.ready.eq(self.flits.ready)
        return m


def round_trip(params: NetworkParams, packetizer: Packetizer, depacketizer: Depacketizer) -> Module:
    """A packetizer straight into a depacketizer: every spike arrives as its flits, in order, without a change."""
    m = Module()
    m.submodules.packetizer, m.submodules.depacketizer = packetizer, depacketizer
    spikes, flits, arrivals = packetizer.spikes, packetizer.flits, depacketizer.arrivals
    arrival = arrivals.payload
    index = Signal(range(params.flits_per_packet))
    neuron = Signal(params.neuron_bits)
    stamp = Signal(params.stamp_bits)
    m.d.comb += [
        depacketizer.flits.valid.eq(flits.valid),
        depacketizer.flits.payload.eq(flits.payload),
        flits.ready.eq(depacketizer.flits.ready),
        Assert(packetizer.busy == (index != 0)),
        Assert((index == 0) | arrivals.valid),
        Assert((index != 0) | (arrivals.valid == spikes.valid)),
        # A spike is taken with its head, and only then.
        Assert((spikes.valid & spikes.ready) == (arrivals.valid & arrivals.ready & (index == 0))),
    ]
    with m.If(arrivals.valid):
        m.d.comb += [
            Assert(arrival.first == (index == 0)),
            Assert(arrival.last == (index == params.flits_per_packet - 1)),
            Assert(arrival.neuron == Mux(index == 0, spikes.payload.neuron, neuron)),
        ]
        if params.flits_per_packet > 1:
            m.d.comb += [
                Assert(arrival.index == index),
                Assert((index == 0) | (arrival.stamp == stamp)),
            ]
    with m.If(arrivals.valid & arrivals.ready):
        m.d.sync += index.eq(Mux(arrival.last, 0, index + 1))
        with m.If(arrival.first):
            m.d.sync += [neuron.eq(spikes.payload.neuron), stamp.eq(spikes.payload.stamp)]
    # What is offered and not taken is offered again, unchanged: given of the spikes, shown of the arrivals.
    for stream, must in ((spikes, Assume), (arrivals, Assert)):
        waiting, before = Signal(), Signal.like(stream.payload.as_value())
        m.d.sync += [waiting.eq(stream.valid & ~stream.ready), before.eq(stream.payload)]
        m.d.comb += must(~waiting | (stream.valid & (stream.payload.as_value() == before)))
    return m


def inside(params: NetworkParams) -> Callable[[State], str]:
    """What both blocks remember of the packet under way, as SMT."""
    width = (params.flits_per_packet - 1).bit_length()

    def strengthened(state: State) -> str:
        same = [
            f"(= {state['packetizer.index']} {state['index']})",
            f"(= {state['depacketizer.inside']} (not {state.equal('index', 0, width)}))",
        ]
        within = [
            f"(= {state['depacketizer.neuron']} {state['neuron']})",
            f"(= {state['packetizer.stamp']} {state['stamp']})",
        ]
        legal = [state.equal("index", index, width) for index in range(params.flits_per_packet)]
        return (
            f"(and {' '.join(same)} (or {' '.join(legal)}) "
            f"(=> {state['depacketizer.inside']} (and {' '.join(within)})))"
        )

    return strengthened


def shown(params: NetworkParams, packetizer: Packetizer, *, steps: int, induction: bool) -> bool:
    depacketizer = Depacketizer(params)
    inputs = [packetizer.spikes.valid, packetizer.spikes.payload, depacketizer.arrivals.ready]
    circuit = round_trip(params, packetizer, depacketizer)
    return holds(circuit, inputs, steps=steps, induction=induction, strengthened=inside(params) if induction else None)


def test_a_spike_survives_its_packet_for_ever() -> None:
    """By induction."""
    for flits in (2, 3):
        params = NetworkParams(flits_per_packet=flits, **SMALL)
        assert shown(params, Packetizer(params), steps=2, induction=True)


def test_a_flaw_is_found() -> None:
    params = NetworkParams(flits_per_packet=2, **SMALL)
    assert not shown(params, Forgetful(params), steps=4, induction=False)
