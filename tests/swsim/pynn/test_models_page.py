"""The table of models in the documentation against the models there are."""

import re
from pathlib import Path

from pyNN.standardmodels import StandardModelType, cells, electrodes, ion_channels, receptors, synapses

import synaptile.swsim as sim
from synaptile.swsim.pynn.cell_types import CELL_TYPES
from synaptile.swsim.pynn.standardmodels.cells import Cell

PAGE = Path(__file__).parents[3] / "docs" / "models.md"


def test_every_model_of_pynn_is_in_the_table_and_the_table_is_true():
    rows = dict(re.findall(r"^\| `(\w+)` \| (yes|no) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    expected = {}
    for module in (cells, synapses, electrodes, receptors, ion_channels):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, StandardModelType) and value.__module__ == module.__name__:
                expected[name] = "yes" if name in sim.__all__ else "no"
    assert rows == expected


def test_the_methods_of_integration_are_those_of_the_page():
    table = PAGE.read_text(encoding="utf-8").partition("## Neurons")[2].partition("###")[0]
    rows = re.findall(r"^\| (`.*) \| (.*) \| .* \| (.*) \|$", table, re.MULTILINE)
    told = {}
    for models, method, others in rows:
        names = [name for name in re.findall(r"`(\w+)`", models) if hasattr(getattr(sim, name, None), "methods")]
        default = re.search(r"`([a-z ]+)`", method)
        if names and default:
            told |= dict.fromkeys(names, (default[1], *re.findall(r"`([a-z0-9 ]+)`", others)))
    assert told == {
        name: cell.methods() for name, cell in CELL_TYPES.items() if cell.methods() and cell is not sim.PointNeuron
    }


def test_every_cell_type_is_public():
    assert {name: getattr(sim, name) for name in CELL_TYPES} == CELL_TYPES
    assert {*CELL_TYPES} <= {*sim.__all__}
    assert {"IF_curr_exp", "PointNeuron", "FixedPointLIF", "SpikeSourceGamma"} <= {*CELL_TYPES}
    derived = [
        name for name in sim.__all__ if isinstance(getattr(sim, name), type) and issubclass(getattr(sim, name), Cell)
    ]
    assert sorted(CELL_TYPES) == sorted(derived)


def test_a_star_brings_the_public_names_and_nothing_else():
    space = {}
    exec("from synaptile.swsim import *", space)
    assert {*space} - {"__builtins__"} == {*sim.__all__}
    assert not {"sys", "Any", "pyNN", "base", "trace", "kernels"} & {*sim.__all__}
    assert {"setup", "errors", "Population", "AllToAllConnector", "define_cell", "Wiring"} <= {*sim.__all__}
