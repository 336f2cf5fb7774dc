"""How long whole mappings of large networks take, and how much memory: partition, placement, slots and limits.

python benchmarks/mapping_scale.py 2500
python benchmarks/mapping_scale.py 100k
python benchmarks/mapping_scale.py 1m

Each size belongs in a process of its own, whose largest memory is what is printed. The time is that of mapping a
network that is there; Numba's compiler is not in it, and how long the network took to make is printed by itself.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from synaptile.bridge.bench.networks import peak_memory
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.mapping import Network, map_network
from synaptile.swsim.trace import Trace


@dataclass(frozen=True)
class Size:
    """A network and its chip."""

    neurons: int
    synapses: int
    mesh: tuple[int, int]
    crossbar: str
    partition: str = "auto"
    placement: str = "optimised"


SIZES = {
    "2500": Size(2_500, 1_440_000, (8, 8), "2048x64"),
    "100k": Size(100_000, 50_000_000, (32, 32), "65536x128", "overlap"),
    "1m": Size(1_000_000, 100_000_000, (256, 256), "16384x32", "overlap", "hilbert"),
}
"""By name; the first is the S_2500 network, the others are clustered at random (`clustered`)."""


def clustered(size: Size, seed: int = 0) -> Trace:
    """Draw neurons in shuffled groups of 1,000, four of five synapses of which are to the own group and the next.

    Every neuron fires up to ten times. Multapses happen, and count once in packets.
    """
    rng = np.random.default_rng(seed)
    each = size.synapses // size.neurons
    place = np.repeat(np.arange(size.neurons, dtype=np.int32), each)
    near = rng.random(len(place), dtype=np.float32) < 0.8
    target = (place // 1000 * 1000 + rng.integers(0, 2000, len(place), dtype=np.int32)) % size.neurons
    far = rng.integers(0, size.neurons, len(place), dtype=np.int32)
    target = np.where(near, target, far).astype(np.int32)
    shuffled = rng.permutation(size.neurons).astype(np.int32)
    fired = rng.integers(0, 10, size.neurons)
    return _trace(size.neurons, shuffled[place], shuffled[target], fired)


def all_to_all() -> Trace:
    """The S_2500 network: layers of 900, 900 and 700 neurons, and a spike of each."""
    pairs = []
    for start, pre, post in ((0, 900, 900), (900, 900, 700)):
        one, other = np.meshgrid(
            np.arange(start, start + pre), np.arange(start + pre, start + pre + post), indexing="ij"
        )
        pairs.append((one.ravel(), other.ravel()))
    pre, post = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    return _trace(2500, pre, post, np.ones(2500, np.int64))


def _trace(neurons: int, pre: Any, post: Any, fired: Any) -> Trace:
    """Return a trace in which every neuron has fired in the first so many steps."""
    firing = [np.nonzero(fired > step)[0] for step in range(int(fired.max()))]
    return Trace(
        dt=1.0,
        steps=len(firing),
        neurons=neurons,
        spike_neuron=np.concatenate(firing),
        spike_step=np.repeat(np.arange(len(firing)), [len(step) for step in firing]),
        pre=pre,
        post=post,
        weight=np.ones(len(pre), np.float32),
        delay=np.ones(len(pre), np.int32),
    )


def main() -> None:
    """Map a network, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--partition", help="in place of the size's own")
    parser.add_argument("--placement", help="in place of the size's own")
    args = parser.parse_args()
    size = SIZES[args.size]
    partition, placement = args.partition or size.partition, args.placement or size.placement
    small = Size(192, 4_000, (8, 8), "192x8")
    map_network(
        Network.of_trace(clustered(small)),
        ChipConfig(mesh=small.mesh, crossbar=small.crossbar),
        partition=partition,
        placement=placement,
    )
    begin = time.perf_counter()
    trace = all_to_all() if args.size == "2500" else clustered(size)
    network = Network.of_trace(trace)
    made = time.perf_counter()
    before, worked = peak_memory(), time.process_time()
    config = ChipConfig(mesh=size.mesh, crossbar=size.crossbar)
    mapping, report = map_network(network, config, partition=partition, placement=placement)
    mapped, worked = time.perf_counter(), time.process_time() - worked
    values = {
        "neurons": trace.neurons,
        "synapses": len(trace.pre),
        "tiles": size.mesh[0] * size.mesh[1],
        "tiles_used": report.tiles_used,
        "partition": partition,
        "placement": placement,
        "made_s": round(made - begin, 2),
        "mapped_s": round(mapped - made, 2),
        "mapped_processor_s": round(worked, 2),
        "memory_before_mb": round(before),
        "memory_mb": round(peak_memory()),
    }
    assert len(mapping.tile) == trace.neurons
    print(json.dumps(values, indent=1))


if __name__ == "__main__":
    main()
