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
