"""A covering set of networks: every two options that can be had together are together in one of them.

Options are those of `NetworkParams`, and so is what can be had together: a combination that it refuses to make is left
out with its reason.
"""

import itertools
from collections.abc import Iterable
from functools import cache
from typing import Any

from synaptile.rtl import NetworkParams
from synaptile.rtl.parameter import declared
from synaptile.rtl.params import ARBITRATIONS, SELECTIONS
from synaptile.rtl.routing import ROUTINGS, TABLE
from synaptile.rtl.topology import TOPOLOGIES

__all__ = ["OPTIONS", "Choice", "Pair", "covering", "pairs_of", "possible", "refused"]

Choice = tuple[str, Any]
Pair = frozenset[Choice]
Combination = tuple[Choice, ...]

_CHANNELS = declared(NetworkParams)["virtual_channels"]
assert _CHANNELS.low is not None
assert _CHANNELS.high is not None

OPTIONS: dict[str, tuple[Any, ...]] = {
    "topology": tuple(TOPOLOGIES),
    "routing": (*ROUTINGS, TABLE.name),
    "selection": tuple(SELECTIONS),
    "arbitration": tuple(ARBITRATIONS),
    "multicast": (False, True),
    "virtual_channels": tuple(range(_CHANNELS.low, _CHANNELS.high + 1)),
    "link_stages": (0, 1, 2),
}
"""The options that are combined, and the values of each."""

# Clusters of a tree are 2 × 2 tiles: as small a mesh of them that has all turns.
_SIZES = {"tree": {"rows": 4, "cols": 4}}
_FIXED = {
    "rows": 2,
    "cols": 3,
    "flits_per_packet": 2,
    "buffer_depth": 2,
    "neurons": 64,
    "stamp_bits": 7,
    "counter_bits": 5,
}


def pairs_of(combination: Iterable[Choice]) -> set[Pair]:
    """Every two options of a combination."""
    return {frozenset(pair) for pair in itertools.combinations(combination, 2)}


@cache
def _all() -> tuple[dict[Combination, NetworkParams], dict[Combination, str]]:
    made, reasons = {}, {}
    for values in itertools.product(*OPTIONS.values()):
        combination = tuple(zip(OPTIONS, values, strict=True))
        options = dict(combination)
        entries = {"table_entries": 6} if options["routing"] == TABLE.name else {}
        try:
            made[combination] = NetworkParams(**{**_FIXED, **_SIZES.get(options["topology"], {}), **options, **entries})
        except ValueError as error:
            reasons[combination] = str(error)
    return made, reasons


def possible() -> dict[Combination, NetworkParams]:
    """Every combination that can be had."""
    return _all()[0]


def refused() -> dict[Combination, str]:
    """Every other combination, with the reason that is given."""
    return _all()[1]


@cache
def covering() -> list[NetworkParams]:
    """The networks, always the same, those first that have the most pairs that none before has.

    Greedily: each is the first of those combinations that have the most pairs that are still missing.
    """
    missing = set[Pair]().union(*(pairs_of(combination) for combination in possible()))
    chosen = []
    while missing:
        best = max(possible(), key=lambda combination: len(pairs_of(combination) & missing))
        missing -= pairs_of(best)
        chosen.append(possible()[best])
    return chosen
