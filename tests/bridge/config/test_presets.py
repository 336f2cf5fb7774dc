import pytest

from synaptile.bridge.config import ChipConfig
from synaptile.bridge.config.energy_table import EnergyTable
from synaptile.bridge.config.presets import energy_names, list_energy_tables, list_presets, preset_names, preset_path
from synaptile.bridge.config.yaml_file import read_yaml
from synaptile.bridge.errors import ConfigError


def test_names() -> None:
    assert preset_names() == ["demo", "dynapse", "loihi", "pycarl", "spikey", "spinnaker", "truenorth"]
    assert {"noxim", "orion2-45nm", "truenorth", "loihi", "unset"} <= set(energy_names())


@pytest.mark.parametrize("name", preset_names())
def test_preset(name: str) -> None:
    config = ChipConfig.preset(name)
    assert config.name == name
    assert list_presets()[name] == config.description
    assert len(config.description.splitlines()) == 1


@pytest.mark.parametrize("name", preset_names())
def test_every_number_has_a_source(name: str) -> None:
    values = read_yaml(preset_path(name))
    stated = ChipConfig.preset(name).provenance
    blocks = {name: values.pop(name) for name in ("crossbar", "core", "limits", "compute") if name in values}
    numbers = {key for key, value in values.items() if not isinstance(value, str)}
    numbers -= {"virtual_channels", "not_modelled"}
    numbers |= {f"{block}.{key}" for block, keys in blocks.items() for key in keys}
    assert {"mesh", "crossbar.axons", "crossbar.neurons", "buffer_depth", "cycles_per_step"} <= numbers
    assert numbers <= stated.keys()


@pytest.mark.parametrize("name", preset_names())
def test_papers_are_quoted_second_hand(name: str) -> None:
    for key, value in ChipConfig.preset(name).provenance.items():
        read = ("secondary transcription", "read in its repository")
        assert value.evidence in ("chosen", "unset") or any(words in value.source for words in read), key


@pytest.mark.parametrize("name", energy_names())
def test_energy_table(name: str) -> None:
    table = EnergyTable.named(name)
    assert table.name == name
    assert list_energy_tables()[name] == table.description
    assert table.terms.keys() <= table.provenance.keys()


def test_facts() -> None:
    truenorth, loihi, pycarl = (ChipConfig.preset(name) for name in ("truenorth", "loihi", "pycarl"))
    assert (truenorth.mesh, truenorth.crossbar.axons, truenorth.crossbar.neurons) == ((64, 64), 256, 256)
    assert (loihi.tiles, loihi.crossbar.axons, loihi.crossbar.neurons) == (128, 4096, 1024)
    assert pycarl.mesh == (6, 6)
    assert ChipConfig.preset("dynapse").energy.terms == {}
    assert EnergyTable.named("noxim").terms["link"] == 1.56


def test_unknown_names() -> None:
    with pytest.raises(ConfigError, match=r"^no preset 'trunorth'; did you mean 'truenorth'\?$"):
        ChipConfig.preset("trunorth")
    with pytest.raises(
        ConfigError, match=r"^no preset 'xyz'; there are demo, dynapse, loihi, pycarl, spikey, spinnaker, truenorth$"
    ):
        ChipConfig.preset("xyz")
    with pytest.raises(ConfigError, match=r"^no energy table 'orion'; "):
        EnergyTable.named("orion")
