"""Hypothesis strategies for networks on chip, their traffic and their back-pressure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from synaptile.rtl import NetworkParams
from synaptile.rtl.params import ARBITRATIONS, SELECTIONS
from synaptile.rtl.routing import ROUTINGS, is_adaptive

__all__ = ["Spike", "network_params", "patterns", "policies", "traffic"]


@dataclass(frozen=True)
class Spike:
    """A packet to be sent: created in ``cycle``, from tile to tile."""

    cycle: int
    source: int
    destination: int
    neuron: int
    stamp: int


@st.composite
def network_params(
    draw: st.DrawFn, max_rows: int = 4, max_cols: int = 4, max_depth: int = 8, max_flits: int = 4, **fixed: Any
) -> NetworkParams:
    """All sizes from 1 × 1, with ``fixed`` parameters; small meshes and shallow buffers come first."""
    flits = fixed["flits_per_packet"] if "flits_per_packet" in fixed else draw(st.integers(1, max_flits))
    return NetworkParams(
        **{
            "rows": draw(st.integers(1, max_rows)),
            "cols": draw(st.integers(1, max_cols)),
            "buffer_depth": draw(st.integers(1, max_depth)),
            "flits_per_packet": flits,
            "neurons": draw(st.sampled_from([1, 2, 5, 256, 1000, 1 << 16])),
            "stamp_bits": draw(st.integers(0 if flits == 1 else 1, 20)),
        }
        | fixed
    )


@st.composite
def policies(draw: st.DrawFn, routings: Sequence[str] = tuple(ROUTINGS)) -> dict[str, Any]:
    """Routing, arbitration and selection as parameters of a network of one virtual channel."""
    routing = draw(st.sampled_from(routings))
    if not is_adaptive(ROUTINGS[routing]):
        return {"routing": routing, "arbitration": draw(st.sampled_from(list(ARBITRATIONS)))}
    selection = draw(st.sampled_from(list(SELECTIONS)))
    return {"routing": routing, "selection": selection, "selection_seed": draw(st.integers(1, 0xFFFF))}


def patterns(max_size: int = 7) -> st.SearchStrategy[list[bool]]:
    """When something happens, repeated for ever: at least once in every ``max_size`` cycles."""
    return st.lists(st.booleans(), min_size=1, max_size=max_size).map(
        lambda pattern: pattern if any(pattern) else [True]
    )


@st.composite
def traffic(draw: st.DrawFn, params: NetworkParams, max_spikes: int = 40, max_cycle: int = 20) -> list[Spike]:
    """Spikes from any tile to any tile (its own included), ordered by cycle."""
    tile = st.integers(0, params.tiles - 1)
    spikes = draw(
        st.lists(
            st.builds(
                Spike,
                cycle=st.integers(0, max_cycle),
                source=tile,
                destination=tile,
                neuron=st.integers(0, params.neurons - 1),
                stamp=st.integers(0, (1 << params.stamp_bits) - 1),
            ),
            max_size=max_spikes,
        )
    )
    return sorted(spikes, key=lambda spike: spike.cycle)
