import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge import ChipConfig
from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import GivenMapping, Network, map_network, save_mapping
from synaptile.bridge.mapping.mapping_file import fingerprint

CONFIG = ChipConfig(mesh=(2, 2), crossbar={"axons": 8, "neurons": 4})


def ring(neurons=10, step=1):
    ids = np.arange(neurons)
    return Network.of(neurons, ids, (ids + step) % neurons, spike_counts=ids)


@pytest.fixture
def saved(tmp_path):
    mapping, report = map_network(ring(), CONFIG, seed=3)
    return save_mapping(tmp_path / "ring.json", ring(), CONFIG, mapping, report, {"seed": 3}), mapping, report


def changed(path, **more):
    values = {**json.loads(path.read_text()), **more}
    other = path.with_name("changed.json")
    other.write_text(json.dumps({name: value for name, value in values.items() if value is not ...}))
    return other


def test_what_is_loaded_is_what_was_saved(saved):
    path, mapping, report = saved
    again, its = map_network(ring(), CONFIG, given=GivenMapping.load(path))
    assert np.array_equal(again.tile, mapping.tile)
    assert np.array_equal(again.slot, mapping.slot)
    assert its.to_dict() == {
        **report.to_dict(),
        "partition": {
            **report.partition.to_dict(),
            "packets_by_method": {report.partition.method: report.partition.cost},
            "failures": {},
        },
    }
    assert json.loads(path.read_text())["found"] == {"seed": 3}


def test_the_same_mapping_gives_the_same_bytes(saved, tmp_path):
    path, mapping, report = saved
    again = save_mapping(tmp_path / "again.json", ring(), CONFIG, mapping, report, {"seed": 3})
    assert again.read_bytes() == path.read_bytes()


def test_a_file_by_hand_needs_tiles_only(tmp_path):
    path = tmp_path / "hand.json"
    path.write_text('{"format": "synaptile-mapping", "version": 1, "tile": [3, 0, 3, 0, 1, 1, 2, 2, 2, 2]}')
    mapping, report = map_network(ring(), CONFIG, given=GivenMapping.load(path))
    assert mapping.slot.tolist() == [0, 0, 1, 1, 0, 1, 0, 1, 2, 3]
    assert (report.partition.method, report.placement.method) == ("file", "file")
    # Every spike of neuron i that has its successor elsewhere; costs are those of spikes 0..9.
    assert report.partition.cost == 0 + 1 + 2 + 3 + 5 + 9


def test_costs_are_of_the_spikes_at_hand(saved):
    path, mapping, _ = saved
    silent = Network.of(10, ring().connectivity.pre, ring().connectivity.post)
    _, report = map_network(silent, CONFIG, given=GivenMapping.load(path))
    neighbour = mapping.tile[(np.arange(10) + 1) % 10]
    assert report.partition.cost == np.count_nonzero(mapping.tile != neighbour)
    assert not report.spikes_known


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"format": ...}, "its format must be 'synaptile-mapping'"),
        ({"version": 2}, "version must be 1, not 2"),
        ({"tile": ...}, "tile must be a list of whole numbers"),
        ({"tile": [1.5] * 10}, "tile must be a list of whole numbers"),
        ({"tile": [True] * 10}, "tile must be a list of whole numbers"),
        ({"tile": [10**30] * 10}, r"tile must lie in 0\.\."),
        ({"slot": [0]}, "slot must be as long as tile, not 1 and 10"),
        ({"chip": []}, r"chip must have keys and values, not \[\]"),
    ],
)
def test_files_that_are_no_mapping(saved, values, says):
    with pytest.raises(MappingError, match=says) as error:
        GivenMapping.load(changed(saved[0], **values))
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(str(saved[0].with_name("changed.json")))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"tile": [4] * 10}, "neuron 0: tile must lie in 0..3, not 4"),
        ({"tile": [-1] * 10}, "neuron 0: tile must lie in 0..3, not -1"),
        ({"slot": [9] * 10}, "slot must lie in 0..3, not 9"),
        ({"slot": [2**40] * 10}, "slot must lie in 0..3, not 2147483647"),
        ({"tile": [0] * 10, "slot": [0] * 10}, "share slot 0 of tile 0"),
        ({"tile": [0] * 10, "slot": ...}, "slot must lie in 0..3, not 4"),
    ],
)
def test_mappings_that_do_not_fit(saved, values, says):
    with pytest.raises(MappingError, match=says) as error:
        GivenMapping.load(changed(saved[0], **values)).on(ring(), CONFIG)
    assert "changed.json: " in str(error.value)
    assert "\n" not in str(error.value)


def test_too_few_axons(tmp_path):
    everyone = Network.of(10, [0, 1, 2, 3, 4], [9] * 5)
    config = CONFIG.replace(crossbar={"axons": 4, "neurons": 4})
    path = tmp_path / "hand.json"
    path.write_text('{"format": "synaptile-mapping", "version": 1, "tile": [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]}')
    with pytest.raises(MappingError, match="tile 2 listens to 5 presynaptic neurons, more than the 4 axons"):
        map_network(everyone, config, given=GivenMapping.load(path))


def test_another_network_or_chip(saved):
    mapping = GivenMapping.load(saved[0])
    for network, says in (
        (ring(9), "of a network of 10 neurons, and this one has 9"),
        (ring(step=2), "as many neurons, but other connections"),
    ):
        with pytest.raises(MappingError, match=says):
            mapping.on(network, CONFIG)
    for change, says in (
        ({"mesh": (1, 4)}, "mesh is 2x2, and this one's is 1x4"),
        ({"topology": "torus", "virtual_channels": 2}, "topology is mesh, and this one's is torus"),
        (
            {"crossbar": {"axons": 8, "neurons": 5}},
            "crossbar is 8 axons × 4 neurons, and this one's is 8 axons × 5 neurons",
        ),
    ):
        with pytest.raises(MappingError, match=says):
            mapping.on(ring(), CONFIG.replace(**change))


@given(data=st.binary(max_size=200))
@settings(max_examples=examples(30, 500), deadline=None)
def test_any_bytes(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(data)
    with pytest.raises(MappingError, match="not the file of a mapping"):
        GivenMapping.load(path)


def test_fingerprints_tell_networks_apart():
    assert fingerprint(ring().connectivity) == fingerprint(Network.of(10, range(10), [*range(1, 10), 0]).connectivity)
    others = [ring(9), ring(step=2), Network.of(11, range(10), [*range(1, 10), 0])]
    assert len({fingerprint(network.connectivity) for network in [ring(), *others]}) == 4
