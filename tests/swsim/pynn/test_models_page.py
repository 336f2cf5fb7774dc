"""The table of models in the documentation against the models there are."""

import re
from pathlib import Path

from pyNN.standardmodels import StandardModelType, cells, electrodes, ion_channels, receptors, synapses

import synaptile.swsim as sim

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
    types = [getattr(sim, name) for name in sim.__all__ if hasattr(getattr(sim, name), "methods")]
    assert told == {cell.__name__: cell.methods() for cell in types if cell.methods() and cell is not sim.PointNeuron}
