"""The block ``limits`` and the key ``relax`` of a chip."""

from pathlib import Path
from typing import Any

import pytest

from synaptile.bridge import ChipConfig
from synaptile.bridge.config.blocks import LIMITS, RELAXABLE
from synaptile.bridge.config.limits import Limits
from synaptile.bridge.config.parameters import parameter_table
from synaptile.bridge.errors import ConfigError

ROOT = Path(__file__).parents[3]


def test_a_chip_says_nothing_of_limits_by_default() -> None:
    config = ChipConfig()
    assert config.limits is None
    assert config.relax == ()
    assert config.weight_bits is None


def test_limits_are_written_and_read_back() -> None:
    limits = {
        "cells": ["IF_curr_exp"],
        "delays": [1, 15],
        "fan_in": {"value": 3, "source": "s", "evidence": "measured"},
    }
    config = ChipConfig(limits=limits, relax="fan-in, delays")
    assert config.limits is not None
    assert config.limits.to_dict() == Limits(cells=("IF_curr_exp",), delays=(1, 15), fan_in=3).to_dict()
    assert config.relax == ("delays", "fan_in")
    assert ChipConfig(**config.to_dict(annotated=True)) == config
    assert config.provenance["limits.fan_in"].source == "s"


def test_lists_may_be_text_as_on_the_command_line() -> None:
    limits = ChipConfig(limits={"cells": "A, B", "delays": "1..15"}).limits
    assert limits is not None
    assert (limits.cells, limits.delays) == (("A", "B"), (1, 15))


def test_a_limit_is_overridden_alone_and_taken_back_with_none() -> None:
    config = ChipConfig.preset("truenorth", limits={"delays": [1, 100]})
    assert config.limits is not None
    assert config.limits.delays == (1, 100)
    assert config.limits.fan_out == 1
    assert ChipConfig.preset("truenorth", limits=None).limits is None
    assert ChipConfig.preset("loihi", weight_bits=None).weight_bits is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"limits": {"fan_in": 0}}, "limits.fan_in: must lie in 1..2147483647, not 0"),
        ({"limits": {"fan_in": "many"}}, "limits.fan_in: must be an integer, not 'many'"),
        ({"limits": {"cells": "IF_curr_exp,"}}, "limits.cells: must be a list of cell types such as [IF_curr_exp]"),
        ({"limits": {"delays": "1-15"}}, "limits.delays: must be the shortest and the longest in steps"),
        ({"limits": {"cells": []}}, "limits.cells: must be a list of cell types such as [IF_curr_exp], not []"),
        ({"limits": {"delays": [5, 1]}}, "limits.delays: must be the shortest and the longest in steps"),
        ({"limits": {"delays": [1, 2**31]}}, "limits.delays: must be the shortest and the longest in steps"),
        ({"limits": {"delays": 15}}, "limits.delays: must be the shortest and the longest in steps such as [1, 15]"),
        ({"limits": {"fanin": 3}}, "limits.fanin: unknown key; did you mean 'fan_in'?"),
        ({"limits": 3}, "limits: must be a table such as {fan_in: 128}, not 3"),
        ({"relax": "delay"}, f"relax: must be some of {', '.join(RELAXABLE)}, not 'delay'"),
        ({"relax": 3}, f"relax: must be some of {', '.join(RELAXABLE)}, not 3"),
        ({"weight_scale": "row"}, "weight_scale: must be one of projection, neuron, not 'row'"),
    ],
)
def test_what_is_wrong_is_told(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        ChipConfig(**values)
    assert str(error.value).startswith(message)


def test_the_page_of_the_documentation_has_the_table_and_the_presets() -> None:
    page = (ROOT / "docs" / "limits.md").read_text()
    assert parameter_table(LIMITS) in page, f"a table in docs/limits.md must be:\n\n{parameter_table(LIMITS)}\n"
    for name in ("truenorth", "loihi", "dynapse", "spikey"):
        config = ChipConfig.preset(name)
        line = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        told = [cell.strip() for cell in line.strip("|").split("|")][1:]
        limits = config.limits
        assert limits is not None
        assert told[0] == ", ".join(f"`{cell}`" for cell in limits.cells or ())
        assert told[1] == ("" if limits.delays is None else "{}..{}".format(*limits.delays))
        assert told[2] == ("" if limits.fan_in is None else f"{limits.fan_in:,}")
        assert told[3] == ("" if limits.fan_out is None else f"{limits.fan_out} tile")
        assert told[4] == ("" if limits.axons_out is None else f"{limits.axons_out:,}")
        bits = f"{config.weight_bits} bit{'' if config.weight_bits == 1 else 's'}"
        assert told[5] == bits + (", a scale for each neuron" if config.weight_scale == "neuron" else "")
