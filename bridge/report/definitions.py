"""What the numbers of a report mean, in a sentence each; ``docs/metrics.md`` has the formulas."""

from __future__ import annotations

__all__ = ["DEFINITIONS", "EVIDENCE"]

DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("Step, cycle", "Step k of the network is the clock cycles k·C to (k+1)·C - 1, with C the cycles per step."),
    (
        "Packet",
        "One for every spike and every other tile that listens to the neuron. Spikes within a tile need none. A packet "
        "is a head flit and, if it has more than one flit, body flits.",
    ),
    ("Synaptic events", "Spikes at synapses: the sum over all spikes of the firing neuron's synapses."),
    (
        "Latency",
        "Cycles from a packet's creation, at the start of the step in which its neuron fired, to the delivery of its "
        "head. The wait in the source's queue counts. In an empty network it is hops + 1.",
    ),
    ("Hops", "Links between neighbouring tiles that a packet crossed."),
    ("Throughput", "Packets delivered per simulated cycle, idle cycles included."),
    ("Accepted traffic", "Flits delivered into tiles, per cycle and tile of the mesh."),
    (
        "ISI distortion",
        "A flow is the packets of one neuron to one tile. |ΔISI| is how much longer or shorter an interval between two "
        "of its packets was on arrival than on creation. A constant delay distorts nothing.",
    ),
    (
        "Spike disorder",
        "Of a neuron: the squared difference between the spikes it expected and those it received in a step, averaged "
        "over the steps in which there were any. 0 when every spike arrives in its own step.",
    ),
    (
        "Disorder count",
        "Arrivals whose time stamp is not newer than that of the last packet from the same tile. Several spikes of one "
        "step count although nothing went wrong: compare it with counts of the same kind only.",
    ),
    ("Late by a step or more", "Packets that arrived after the step in which their neuron fired had ended."),
    ("Fanout", "Synapses of a neuron, and tiles other than its own that it sends packets to."),
    (
        "Energy",
        "Events counted in the simulated circuit times the energy table's picojoules per event, and static power times "
        "the simulated time. What the table does not have is missing from the sum, not zero.",
    ),
)
"""Term and meaning."""

EVIDENCE: tuple[tuple[str, str], ...] = (
    ("measured", "on silicon"),
    ("pre-silicon", "simulated on the real design before it was made"),
    ("recreation", "from another group's re-implementation"),
    ("paper-card", "assumed by a co-simulation paper"),
    ("simulator", "the default of another simulator or energy model"),
    ("chosen", "our own choice or the user's; says nothing about any chip"),
    ("unset", "no trustworthy number exists; left out and reported as missing"),
    ("unstated", "the configuration gives no source"),
)
"""Evidence grade and meaning."""
