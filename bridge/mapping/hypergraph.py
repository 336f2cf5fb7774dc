"""Partitioning by Mt-KaHyPar, whose km1 objective is exactly the number of packets."""

from __future__ import annotations

import functools
import math
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mtkahypar
import numpy as np
import numpy.typing as npt

from .connectivity import Connectivity

__all__ = ["graph_blocks", "halves", "hypergraph_blocks"]

Ints = npt.NDArray[np.int64]
Task = tuple[str, list[int], list[Any], list[int], list[int], int]
"""Kind of graph, sizes of nodes, edges, their weights, capacities of blocks, seed."""

# Graphs of so many pins are not worth the start of a process, a tenth of a second.
_FEW_PINS = 5000

# Edge weights are 32-bit in the library, and so are its sums over all edges and blocks.
_WEIGHT_LIMIT = 2**30


@functools.cache
def _library() -> Any:
    # One thread: a library must not take all cores of its caller.
    return mtkahypar.initialize(1, print_warnings=False)


def halves(connectivity: Connectivity, members: Ints, seed: int) -> npt.NDArray[np.bool_]:
    """Part some neurons into two halves that together need few axons: True for those of the second.

    A hyperedge joins the members that listen to the same neuron; cut, it costs an axon more. ``members`` has shape
    (members,), at least two, ascending. The same seed gives the same halves, neither of them empty.
    """
    sources = [connectivity.sources(int(neuron)) for neuron in members]
    pre = np.concatenate(sources)
    pin = np.repeat(np.arange(len(members)), [len(source) for source in sources])
    order = np.argsort(pre, kind="stable")
    cuts = np.flatnonzero(np.diff(pre[order])) + 1
    edges = [pins.tolist() for pins in np.split(pin[order], cuts) if len(pins) > 1]
    half = -(-len(members) // 2)
    found = hypergraph_blocks([1] * len(members), edges, [1] * len(edges), [half, half], seed)
    if found.min() == found.max():
        found = np.arange(len(members)) // half
    return found == 1


def hypergraph_blocks(
    sizes: Sequence[int],
    edges: list[list[int]],
    weights: Sequence[int],
    capacities: Sequence[int],
    seed: int,
    *,
    seconds: float = math.inf,
) -> Ints:
    """Block of each node of a hypergraph, minimising Σ over edges of weight × (blocks that it joins - 1).

    Parameters
    ----------
    sizes
        Weight of each node.
    edges, weights
        Nodes that each edge joins, and what it costs.
    capacities
        What each block may hold, as far as the library keeps its limit.
    seed
        The same seed gives the same blocks.
    seconds
        What it may take.

    Raises
    ------
    TimeoutError
        If it takes longer.
    """
    task = "hypergraph", list(sizes), edges, _scaled(weights, len(capacities)), list(capacities), seed % 2**31
    return _blocks(task, sum(map(len, edges)), seconds)


def graph_blocks(
    sizes: Sequence[int],
    edges: list[tuple[int, int]],
    weights: Sequence[int],
    capacities: Sequence[int],
    seed: int,
    *,
    seconds: float = math.inf,
) -> Ints:
    """Block of each node of a graph, minimising the weights of edges between blocks; else as `hypergraph_blocks`."""
    task = "graph", list(sizes), edges, _scaled(weights, len(capacities)), list(capacities), seed % 2**31
    return _blocks(task, 2 * len(edges), seconds)


def _blocks(task: Task, pins: int, seconds: float) -> Ints:
    return np.array(_parted_here(task) if pins <= _FEW_PINS else _parted_there(task, seconds), np.int64)


def _parted_here(task: Task) -> list[int]:
    """Part a small graph, by the one way of the library that gives the same again and again in one process."""
    kind, sizes, edges, weights, capacities, seed = task
    library = _library()
    mtkahypar.set_seed(seed)
    context = library.context_from_preset(mtkahypar.PresetType.DETERMINISTIC)
    objective = mtkahypar.Objective.KM1 if kind == "hypergraph" else mtkahypar.Objective.CUT
    context.set_partitioning_parameters(len(capacities), 0.03, objective)
    context.set_individual_target_block_weights(capacities)
    context.logging = False
    create = library.create_hypergraph if kind == "hypergraph" else library.create_graph
    found: list[int] = create(context, len(sizes), len(edges), edges, sizes, weights).partition(context).get_partition()
    return found


def _parted_there(task: Task, seconds: float) -> list[int]:
    """Part a graph in a process of its own, with better blocks in less time than the way for one process gives."""
    folder = str(Path(mtkahypar.__file__).parent)
    command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("partition_process.py")), folder]
    limit = None if math.isinf(seconds) else seconds
    try:
        done = subprocess.run(command, input=pickle.dumps(task), capture_output=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"Mt-KaHyPar took more than {seconds:.3g} s") from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise RuntimeError(f"Mt-KaHyPar ended with status {done.returncode}: {words[-1] if words else 'no message'}")
    found: list[int] = pickle.loads(done.stdout)
    return found


def _scaled(weights: Sequence[int], blocks: int) -> list[int]:
    """Return weights of which the library can take the sums."""
    scale = max(1.0, float(np.sum(weights, dtype=float)) * blocks / _WEIGHT_LIMIT)
    return [max(1, round(weight / scale)) for weight in weights]
