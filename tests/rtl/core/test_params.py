"""The parameters of a core."""

import re

import pytest

from synaptile.rtl.core.params import CoreParams


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"axons": 3}, "axons must lie in 4..1024, not 3"),
        ({"neurons": 2000}, "neurons must lie in 4..1024, not 2000"),
        ({"weight_bits": 0}, "weight_bits must lie in 1..8, not 0"),
        ({"lanes": 3}, "lanes must be one of 1, 2, 4, 8, 16, not 3"),
        ({"neurons": 10, "lanes": 4}, "neurons must be a multiple of the 4 lanes, not 10"),
        (
            {"neuron": "izhikevich"},
            "neuron must be one of current-lif, current-lif-2, delta-lif, truenorth, not 'izhikevich'",
        ),
        ({"neuron": "truenorth"}, "weight_bits must be 1 for neuron truenorth, which has its weights itself, not 4"),
        ({"state_bits": 40}, "state_bits must lie in 8..32, not 40"),
        ({"targets": 0}, "targets must lie in 1..65536, not 0"),
    ],
)
def test_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        CoreParams(**change)  # type: ignore[arg-type]


def test_what_is_no_integer_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^lanes must be an integer, not 2\.0$"):
        CoreParams(lanes=2.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("axons", "weight_bits", "lowest", "highest"), [(256, 4, -2048, 1792), (5, 8, -640, 635), (1024, 1, 0, 1024)]
)
def test_the_sum_of_all_weights_fits(axons: int, weight_bits: int, lowest: int, highest: int) -> None:
    bits = CoreParams(axons=axons, weight_bits=weight_bits).sum_bits
    assert -(1 << (bits - 1)) <= lowest
    assert highest < 1 << (bits - 1)


def test_widths() -> None:
    params = CoreParams(axons=5, neurons=24, lanes=8, targets=9)
    assert (params.groups, params.group_bits, params.axon_bits, params.target_bits) == (3, 2, 3, 4)
