"""SONATA's edges are connections by the stated rule, and what is damaged is refused with its file."""

import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.swsim.foreign import Connections, read_connections
from synaptile.swsim.trace import TraceError

Edges = dict[str, Any]


def write(path: Path, **populations: Edges) -> Path:
    """A file of edges: ``source`` and ``target`` are (population of nodes, ids), all else is as it is called there."""
    with h5py.File(path, "w") as file:
        for name, edges in populations.items():
            group = file.create_group(f"edges/{name}")
            for key, values in edges.items():
                if key in ("source", "target"):
                    nodes, ids = values
                    group[f"{key}_node_id"] = np.array(ids, np.uint64)
                    if nodes is not None:
                        group[f"{key}_node_id"].attrs["node_population"] = nodes
                else:
                    group[key] = values
    return path


def rows(found: Connections) -> list[tuple[Any, ...]]:
    delay = [None] * len(found.pre) if found.delay is None else found.delay.tolist()
    return list(zip(found.pre.tolist(), found.post.tolist(), found.weight.tolist(), delay, strict=True))


def test_ids_begin_at_0_in_each_population(tmp_path: Path) -> None:
    path = write(
        tmp_path / "e.h5",
        in_to_out={"source": ("in", [0, 3]), "target": (b"out", [1, 0])},
        among={"source": ("out", [1]), "target": ("out", [1])},
    )
    found = read_connections(path, populations=[("in", 4), ("silent", 5), ("out", 2)])
    assert sorted(rows(found)) == [(0, 10, 1.0, None), (3, 9, 1.0, None), (10, 10, 1.0, None)]


@pytest.mark.parametrize("suffix", [".h5", ".hdf5", ".SONATA"])
def test_one_population_needs_no_size(tmp_path: Path, suffix: str) -> None:
    for nodes in ("v1", None):
        path = write(tmp_path / f"e{nodes}{suffix}", p={"source": (nodes, [5]), "target": (nodes, [0])})
        assert rows(read_connections(path)) == [(5, 0, 1.0, None)]
        assert rows(read_connections(path, populations=[("v1", 6)])) == [(5, 0, 1.0, None)]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 1), st.integers(0, 3)), max_size=12))
@settings(max_examples=40, deadline=None)
def test_weights_delays_and_numbers_of_synapses_are_those_of_the_groups(
    tmp_path_factory: pytest.TempPathFactory, edges: list[tuple[int, int, int, int]]
) -> None:
    # Two groups, each with its own order.
    places: list[list[int]] = [[], []]
    for number, (_, _, group, _) in enumerate(edges):
        places[group].insert(0, number)
    values: Edges = {
        "source": ("n", [pre for pre, *_ in edges]),
        "target": ("n", [post for _, post, *_ in edges]),
        "edge_group_id": np.array([group for _, _, group, _ in edges], np.int64),
        "edge_group_index": np.array([places[group].index(n) for n, (_, _, group, _) in enumerate(edges)], np.int64),
    }
    for group, mine in enumerate(places):
        values[f"{group}/syn_weight"] = [0.5 * number - 1 for number in mine]
        values[f"{group}/delay"] = [0.1 * number for number in mine]
        values[f"{group}/nsyns"] = [edges[number][3] for number in mine]
    found = read_connections(write(tmp_path_factory.mktemp("e") / "e.h5", p=values))
    expected = [
        (pre, post, 0.5 * number - 1, 0.1 * number)
        for number, (pre, post, _, times) in enumerate(edges)
        for _ in range(times)
    ]
    assert rows(found) == expected


ONE = {"source": ("n", [0, 1]), "target": ("n", [2, 2])}
GROUPED = {**ONE, "edge_group_id": [0, 1], "edge_group_index": [0, 0], "0/syn_weight": [1.0]}


@pytest.mark.parametrize(
    ("edges", "populations", "message"),
    [
        ({}, [], "/edges must have populations with source_node_id and target_node_id"),
        ({"p": {"source": ("n", [0])}}, [], "/edges/p must have source_node_id and target_node_id"),
        ({"p": {**ONE, "target": ("n", [1])}}, [], r"/edges/p must have as many sources as targets, not \(2, 1\)"),
        ({"p": {**ONE, "target": ("m", [1, 1])}}, [], "populations must be given with their sizes, for the file has s"),
        ({"p": {**ONE, "target": ("m", [1, 1])}}, [("n", 3)], r"populations must have the file's m, n, not \['m'\]"),
        ({"p": ONE}, [("n", 2)], "target_node_id of 'n' must lie in 0..1, not 2"),
        ({"p": GROUPED}, [], "syn_weight of 'p' must be a number for every edge, or be in no group, not nan"),
        (
            {"p": {**GROUPED, "edge_group_id": [0, 0], "edge_group_index": [0, 1]}},
            [],
            "edge_group_index of 'p' must lie in 0..0 in group 0, not 1",
        ),
        ({"p": {**GROUPED, "edge_group_id": [0]}}, [], "/edges/p must have edge_group_id for each of its 2 edges"),
        (
            {"p": {**GROUPED, "edge_group_id": [0, 0], "0/nsyns": [1.5]}},
            [],
            "nsyns of 'p' must be whole numbers from 0 on, not 1.5",
        ),
        (
            {"p": ONE, "q": {**GROUPED, "edge_group_id": [0, 0]}},
            [],
            r"/edges must have syn_weight in all populations, or in none, not \['q'\]",
        ),
    ],
)
def test_what_is_not_known_is_refused(
    tmp_path: Path, edges: dict[str, Edges], populations: list[tuple[str, int]], message: str
) -> None:
    with pytest.raises(TraceError, match=message) as found:
        read_connections(write(tmp_path / "e.h5", **edges), populations=populations)
    assert found.value.file == str(tmp_path / "e.h5")


def test_other_files_and_options_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.h5").write_text("pre,post\n")
    with pytest.raises(TraceError, match="a file of connections must be HDF5"):
        read_connections(tmp_path / "text.h5")
    with pytest.raises(FileNotFoundError):
        read_connections(tmp_path / "nowhere.h5")
    path = write(tmp_path / "e.h5", p=ONE)
    with pytest.raises(TraceError, match="first_id must be left out, for ids of sonata begin at 0, not 1"):
        read_connections(path, first_id=1)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ModuleNotFoundError, match=r"need h5py: pip install 'synaptile\[sonata\]'"):
        read_connections(path)
