"""No search within a time limit waits for Numba's compiler."""

import subprocess
import sys

import pytest

# In a process of its own, in which nothing else has compiled or loaded a loop.
_SCRIPT = """
import sys
from synaptile.bridge.bench.mapping_networks import CASES, trace_of
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.mapping import Network
from synaptile.bridge.mapping.fan_in_split import split_for_chip
from synaptile.bridge.mapping.jit import _Later
from synaptile.bridge.mapping.search import search_mapping
from synaptile.bridge.mapping.search.precompile import precompile

def compiled():
    return {
        (name, str(types))
        for module, names in list(sys.modules.items()) if module.startswith("synaptile.bridge.mapping")
        for name, loop in vars(names).items() if isinstance(loop, _Later) and module == loop.__module__
        for types in (() if loop._dispatcher is None else loop._dispatcher.overloads)
    }

case, *objectives = sys.argv[1:]
config = ChipConfig(**CASES[case].chip)
trace, _ = split_for_chip(trace_of(case), config)
network = Network.of_trace(trace)
for objective in objectives:
    precompile(config.topology, objective)
before = compiled()
for objective in objectives:
    search_mapping(network, config, objective=objective, time_limit=2.0)
print(len(before), sorted(compiled() - before))
"""


@pytest.mark.parametrize("case", [["digits", "spike-hops", "worst-link"], ["digits on a tree", "spike-hops"]])
def test_all_loops_of_a_search_are_there_before_its_time_begins(case):
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *case], capture_output=True, text=True, check=True, timeout=300
    )
    count, more = done.stdout.split(maxsplit=1)
    assert int(count) > 20
    assert more.strip() == "[]"
