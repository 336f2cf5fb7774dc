"""The block ``core`` of a chip's configuration."""

from pathlib import Path
from typing import Any

import pytest

from synaptile.bridge.cli import main
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.config.cores import core_params
from synaptile.bridge.config.parameters import CORE, core_values
from synaptile.bridge.config.presets import list_presets
from synaptile.bridge.errors import ConfigError
from synaptile.rtl.core.params import CoreParams


def test_cores_are_as_large_as_the_crossbar_and_else_as_declared() -> None:
    config = ChipConfig(crossbar="64x32", weight_bits=4)
    assert core_params(config, "delta-lif") == CoreParams(axons=64, neurons=32, weight_bits=4, neuron="delta-lif")
    assert core_values(config)["neuron"] == "auto"


def test_keys_of_core_are_each_given_alone_and_kept_when_others_change() -> None:
    config = ChipConfig(core={"lanes": 8}).replace(core={"state_bits": 20}, tick="fixed")
    params = core_params(config, "current-lif")
    assert (params.lanes, params.state_bits, config.tick) == (8, 20, "fixed")
    assert config.provenance["core.state_bits"].source == "override"


def test_a_file_keeps_the_sources_of_its_cores(tmp_path: Path) -> None:
    path = tmp_path / "chip.yaml"
    path.write_text(
        "tick: barrier\ncore:\n  lanes: {value: 2, source: a paper, evidence: paper-card}\n  host_tile: 5\n"
    )
    config = ChipConfig.from_yaml(path)
    assert config.core is not None
    assert config.core.host_tile == 5
    assert config.provenance["core.lanes"].source == "a paper"
    path.write_text(config.to_yaml())
    assert ChipConfig.from_yaml(path) == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"core": {"lane": 4}}, r"^core\.lane: unknown key; did you mean 'lanes'\?$"),
        ({"core": 4}, r"^core: must be a table such as \{lanes: 4\}, not 4$"),
        ({"core": {"neuron": "izhikevich"}}, r"^core\.neuron: must be one of auto, current-lif, .*, not 'izhikevich'$"),
        ({"core": {"lanes": 3}}, r"^core\.lanes: must be one of 1, 2, 4, 8, 16 for cores, not 3$"),
        ({"core": {"state_bits": 40}}, r"^core\.state_bits: must lie in 8\.\.32, not 40$"),
        ({"core": {"host_tile": 16}}, r"^core\.host_tile: must lie in 0\.\.15 on this mesh, not 16$"),
        ({"core": {}, "crossbar": "128x6"}, r"^crossbar\.neurons: must be a multiple of the 4 lanes for cores, not 6$"),
        ({"core": {}, "crossbar": "2x8"}, r"^crossbar\.axons: must lie in 4\.\.1024 for cores, not 2$"),
        ({"core": {}, "weight_bits": 16}, r"^weight_bits: must lie in 1\.\.8 for cores, not 16$"),
        ({"tick": "sometimes"}, r"^tick: must be one of barrier, fixed, not 'sometimes'$"),
    ],
)
def test_what_is_wrong_is_told_under_its_key(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ChipConfig(**values)


def test_a_chip_without_cores_may_have_any_crossbar_until_it_is_asked_for_them() -> None:
    config = ChipConfig.preset("loihi")
    assert core_params(ChipConfig(weight_bits=1), "truenorth").neuron == "truenorth"
    with pytest.raises(ConfigError, match=r"^weight_bits: must be 1 for neuron truenorth, .* for cores, not 8$"):
        core_params(ChipConfig(), "truenorth")
    with pytest.raises(ConfigError, match=r"^crossbar\.axons: must lie in 4\.\.1024 for cores, not 4096$"):
        core_params(config, "current-lif")


def test_a_neuron_has_rules_of_its_own() -> None:
    with pytest.raises(ConfigError, match=r"^weight_bits: must be 1 for neuron truenorth, .* for cores, not 8$"):
        core_params(ChipConfig(), "truenorth")


def test_most_presets_have_a_form_in_gates() -> None:
    refused = []
    for name in list_presets():
        try:
            core_params(ChipConfig.preset(name), "current-lif")
        except ConfigError:
            refused.append(name)
    assert refused == ["loihi", "spinnaker"]


def test_every_key_has_an_option(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    options = ["--core-lanes", "3", "--tick", "fixed"]
    assert main(["export", "--mesh", "1x1", *options, "--out", str(tmp_path / "chip.v")]) == 2
    assert capsys.readouterr().err == "synaptile: error: core.lanes: must be one of 1, 2, 4, 8, 16 for cores, not 3\n"
    assert set(CORE) >= {"neuron", "lanes", "state_bits", "weight_shift", "targets", "refractory_bits", "host_tile"}
