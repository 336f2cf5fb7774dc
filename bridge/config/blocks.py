"""The parameters of a chip that stand together in a block of its YAML file: ``limits`` and ``compute``."""

from __future__ import annotations

from synaptile.rtl.parameter import Parameter

__all__ = ["COMPUTE", "LIMITS", "MAX_NANOSECONDS", "RELAXABLE", "WEIGHTS", "WEIGHT_SCALES"]

LIMITS: dict[str, Parameter] = {
    item.name: item
    for item in (
        Parameter(
            name="cells",
            type=str,
            default=None,
            default_text="not known",
            values="names of PyNN cell types",
            metavar="NAME,...",
            help="cell types that the chip's neurons can be",
            detail="Spike sources are not among them: they are outside the chip.",
        ),
        Parameter(
            name="delays",
            type=str,
            default=None,
            default_text="not known",
            values="the shortest and the longest, such as [1, 15] or 1..15",
            metavar="LOW..HIGH",
            unit="steps",
            help="delays that a synapse can have, in steps",
        ),
        Parameter(
            name="fan_in",
            default=None,
            default_text="not known",
            low=1,
            high=2**31 - 1,
            unit="synapses of a neuron",
            help="synapses that a neuron can have",
        ),
        Parameter(
            name="fan_out",
            default=None,
            default_text="not known",
            low=1,
            high=4096,
            unit="tiles",
            help="tiles that a neuron's spikes can go to, its own among them",
        ),
        Parameter(
            name="axons_out",
            default=None,
            default_text="not known",
            low=1,
            high=2**31 - 1,
            unit="entries of a tile",
            help="entries of a tile's table of axons elsewhere: its neurons times the other tiles that each sends to",
        ),
        Parameter(
            name="synapses",
            default=None,
            default_text="not known",
            low=1,
            high=2**31 - 1,
            unit="synapses of a tile",
            help="synapses that a tile can have",
        ),
    )
}
"""What a chip can do of a network besides its size, keys of ``limits``; one that is left out is not known."""

MAX_NANOSECONDS = 1e12
"""Longest time of a tile's work: a thousand seconds."""

COMPUTE: dict[str, Parameter] = {
    name: Parameter(
        name=name,
        type=float,
        default=None,
        default_text="none",
        values="0 or more",
        unit="ns",
        metavar="NS",
        help=help_,
        detail=detail,
    )
    for name, help_, detail in (
        ("neuron_update", "time that a tile takes to update a neuron", "All of its neurons, one after the other."),
        (
            "synaptic_event",
            "time that a tile takes for a spike at a synapse",
            "For each synapse of the spiking neuron.",
        ),
        ("packet", "time that a tile takes to send a packet", "After the neuron's update, for each tile it sends to."),
        ("barrier", "time that all tiles take to agree on the next step", "At the end of the step."),
    )
}
"""How long the work of a tile takes, keys of ``compute``."""

WEIGHTS = "weights"

RELAXABLE = (*LIMITS, WEIGHTS)
"""Names that ``relax`` may have: the limits, and the bits of weights."""

WEIGHT_SCALES = {
    "projection": "the weights of a projection are whole multiples of one number",
    "neuron": "for each neuron they are multiples of a number of its own",
}
"""What has a scale of weights of its own."""
