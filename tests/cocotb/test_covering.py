"""Both engines and the exported Verilog log the same, for every two options of the network that go together."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.covering_array import OPTIONS, Pair, covering, pairs_of, possible, refused
from support.effort import examples
from support.verilog_bench import QUIET_CYCLES, engine_log, multicast_traffic, random_traffic, require, verilog_log

from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.rtl import NetworkParams

CASES = covering()

# Of each of these kinds that with the fewest virtual channels, which is the quickest to compile.
KINDS = (
    {"topology": "torus"},
    {"topology": "tree"},
    {"multicast": True},
    {"selection": "neighbours-on-path"},
    {"arbitration": "through-first"},
)
FEW = list(
    dict.fromkeys(
        min(
            (params for params in CASES if kind.items() <= {name: getattr(params, name) for name in kind}.items()),
            key=lambda params: params.virtual_channels,
        )
        for kind in KINDS
    )
)


def options_of(params: NetworkParams) -> str:
    return "-".join(str(getattr(params, name)) for name in OPTIONS)


# All of them with SYNAPTILE_THOROUGH=1.
@pytest.mark.usefixtures("simulators")
@pytest.mark.parametrize("params", examples(FEW, CASES), ids=options_of)
def test_both_engines_and_the_exported_chip_log_the_same(
    params: NetworkParams, tmp_path: Path, compile_with: Callable[..., None]
) -> None:
    require("icarus")
    # Compiled in a fraction of the time. Tiles one by one and in groups, changing often.
    compile_with("-O0", "-DCHOOSE_AFTER=3", "-DWORTH_GROUPING=2")
    make = multicast_traffic if params.table_entries else random_traffic
    traffic = make(params, seed=CASES.index(params))
    expected, cycles = engine_log(params, traffic)
    assert engine_log(params, traffic, CompiledEngine)[0] == expected
    assert verilog_log("icarus", params, traffic, cycles + QUIET_CYCLES, list(expected.counters), tmp_path) == expected


def test_every_two_options_that_go_together_are_in_the_set() -> None:
    covered = set[Pair]().union(*(pairs_of((name, getattr(params, name)) for name in OPTIONS) for params in CASES))
    assert covered == set[Pair]().union(*map(pairs_of, possible()))
    assert len(CASES) < len(possible()) / 5
    for name, values in OPTIONS.items():
        assert {getattr(params, name) for params in CASES} == set(values)


ALONE = {
    # No combination has both: these are refused, whatever the rest is.
    "selection must be first with routing, which never leaves a choice": [
        (("routing", routing), ("selection", selection))
        for routing in ("xy", "yx", "table")
        for selection in OPTIONS["selection"]
        if selection != "first"
    ],
    "multicast must be False with routing, which has one way for a packet": [
        (("routing", routing), ("multicast", True)) for routing in OPTIONS["routing"] if routing != "table"
    ],
    "multicast needs the routing table, and so the selection first": [
        (("selection", selection), ("multicast", True)) for selection in OPTIONS["selection"] if selection != "first"
    ],
    "routing must be xy, yx or table on a torus": [
        *(
            (("topology", "torus"), ("routing", name))
            for name in OPTIONS["routing"]
            if name not in ("xy", "yx", "table")
        ),
        *((("topology", "torus"), ("selection", name)) for name in OPTIONS["selection"] if name != "first"),
    ],
    "virtual_channels must be at least 2 on a torus": [(("topology", "torus"), ("virtual_channels", 1))],
    "arbitration must be round-robin with several channels, and so on a torus, with a choice, or with tables": [
        (("arbitration", "through-first"), other)
        for other in (
            *(("virtual_channels", number) for number in OPTIONS["virtual_channels"] if number > 1),
            ("topology", "torus"),
            *(("routing", name) for name in OPTIONS["routing"] if name not in ("xy", "yx")),
            *(("selection", name) for name in OPTIONS["selection"] if name != "first"),
            ("multicast", True),
        )
    ],
}


def test_what_does_not_go_together_is_known_and_refused_for_a_reason() -> None:
    every = {
        frozenset(((one, a), (other, b)))
        for one, other in itertools.combinations(OPTIONS, 2)
        for a in OPTIONS[one]
        for b in OPTIONS[other]
    }
    apart = every - set[Pair]().union(*map(pairs_of, possible()))
    assert apart == {frozenset(pair) for pairs in ALONE.values() for pair in pairs}
    rules = {re.sub(r",? not .*| '\w[\w-]*'", "", reason) for reason in refused().values()}
    assert rules == {
        "routing must be xy or yx on a torus without tables",
        "virtual_channels must be at least 2 on a torus, or packets can deadlock round a ring",
        "multicast must be False with routing, which has one way for a packet",
        "arbitration must be round-robin with routing",
        "arbitration must be round-robin with multicast",
        *(f"arbitration must be round-robin with {number} virtual_channels" for number in (2, 3, 4)),
        "selection must be first with routing",
        "selection must be first with routing, which never leaves a choice",
    }
