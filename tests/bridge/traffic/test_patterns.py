import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.bridge.traffic.patterns import PATTERNS, TrafficPattern


def table(name: str, rows: int, cols: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Where each tile sends, as (row, col)."""
    permutation = PATTERNS[name].permutation
    assert permutation is not None
    to = permutation(rows, cols).tolist()
    return {divmod(tile, cols): divmod(to[tile], cols) for tile in range(rows * cols)}


def draws(pattern: TrafficPattern, rows: int, cols: int, source: np.ndarray, *, parts: int = 1) -> np.ndarray:
    where, hot = (np.random.default_rng(seed) for seed in (1, 2))
    draw = pattern.sampler(rows, cols, where=where, hot=hot)
    return np.concatenate([draw(part) for part in np.array_split(source, parts)])


def bits(tile: int, count: int) -> list[int]:
    return [tile >> i & 1 for i in range(count)]


FIXED = [name for name, pattern in PATTERNS.items() if pattern.permutation]


@pytest.mark.parametrize("name", FIXED)
def test_every_tile_is_sent_to_once(name: str) -> None:
    to = list(table(name, 4, 4).values())
    assert len(set(to)) == 16


@given(st.sampled_from([(1, 2), (2, 2), (1, 8), (4, 2), (4, 4), (8, 8), (2, 16)]))
def test_bits_go_where_the_textbook_sends_them(shape: tuple[int, int]) -> None:
    rows, cols = shape
    count = (rows * cols - 1).bit_length()
    for name, sent in {
        "bit-complement": lambda s, i: 1 - s[i],
        "bit-reverse": lambda s, i: s[count - i - 1],
        "shuffle": lambda s, i: s[(i - 1) % count],
    }.items():
        for (row, col), (to_row, to_col) in table(name, rows, cols).items():
            source, destination = bits(row * cols + col, count), bits(to_row * cols + to_col, count)
            assert destination == [sent(source, i) for i in range(count)], name


@given(st.integers(1, 9), st.integers(1, 9))
def test_digits_go_where_the_textbook_sends_them(rows: int, cols: int) -> None:
    for (row, col), to in table("neighbour", rows, cols).items():
        assert to == ((row + 1) % rows, (col + 1) % cols)
    for (row, col), to in table("transpose", rows, rows).items():
        assert to == (col, row)
    if max(rows, cols) > 2:
        for (row, col), to in table("tornado", rows, cols).items():
            assert to == ((row + (rows + 1) // 2 - 1) % rows, (col + (cols + 1) // 2 - 1) % cols)


def test_transpose_of_a_power_of_two_exchanges_the_halves_of_the_address() -> None:
    for (row, col), (to_row, to_col) in table("transpose", 8, 8).items():
        source, destination = bits(row * 8 + col, 6), bits(to_row * 8 + to_col, 6)
        assert destination == [source[(i + 3) % 6] for i in range(6)]


def test_hot_tiles_get_their_share_besides_that_of_any_tile() -> None:
    source = np.random.default_rng(0).integers(0, 16, 40_000)
    to = draws(TrafficPattern(name="hotspot", hotspots=((1, 2), (3, 3)), share=0.3), 4, 4, source)
    assert (to != source).all()
    counts = np.bincount(to, minlength=16) / len(to)
    cold = 0.7 / 16
    # A hot tile's own packets to itself go anywhere else.
    hot = cold + 0.15 * 15 / 16
    for tile in range(16):
        expected = hot if tile in (6, 15) else cold + 0.3 / 16 / 16
        assert abs(counts[tile] - expected) < 5 * np.sqrt(expected / len(to)), tile


def test_without_a_hot_share_the_hot_spot_is_uniform() -> None:
    source = np.arange(64).repeat(10)
    cold = draws(TrafficPattern(name="hotspot", share=0.0), 8, 8, source)
    assert cold.tolist() == draws(TrafficPattern(), 8, 8, source).tolist()
    hot = draws(TrafficPattern(name="hotspot", share=1.0), 8, 8, source)
    assert set(hot[source != 36].tolist()) == {36}  # row 4, column 4 by default


@pytest.mark.parametrize("name", ["uniform", "hotspot", "tornado"])
def test_how_many_are_drawn_at_once_does_not_matter(name: str) -> None:
    source = np.arange(25).repeat(7)
    whole = draws(TrafficPattern(name=name), 5, 5, source)
    assert whole.tolist() == draws(TrafficPattern(name=name), 5, 5, source, parts=11).tolist()


@pytest.mark.parametrize(
    ("name", "rows", "cols", "message"),
    [
        ("uniform", 1, 1, r"^mesh must have at least 2 nodes for traffic, not 1x1$"),
        ("transpose", 4, 2, r"^mesh must have as many rows as columns for the pattern transpose, not 4x2$"),
        *(
            (
                name,
                2,
                3,
                rf"^mesh must have a power of two as its number of tiles for the pattern {name}, not 6 \(2x3\)$",
            )
            for name in ("bit-complement", "bit-reverse", "shuffle")
        ),
        ("tornado", 2, 2, r"^mesh must have a side of at least 3 tiles for the pattern tornado, not 2x2$"),
        (
            "shuffle",
            1,
            2,
            r"^mesh must be one on which the pattern shuffle sends something to another tile, not 1x2$",
        ),
    ],
)
def test_a_pattern_that_a_mesh_cannot_have_is_refused(name: str, rows: int, cols: int, message: str) -> None:
    pattern = TrafficPattern(name=name)
    with pytest.raises(ValueError, match=message):
        pattern.check(rows, cols)
    with pytest.raises(ValueError, match=message):
        draws(pattern, rows, cols, np.arange(1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "chaos"}, r"^pattern must be one of uniform, .*, hotspot, not 'chaos'$"),
        ({"hotspots": [(0, 0)]}, r"^hotspots must be left out with the pattern 'uniform', not \[\(0, 0\)\]$"),
        ({"name": "shuffle", "share": 0.5}, r"^share must be left out with the pattern 'shuffle', not 0\.5$"),
        ({"name": "hotspot", "share": 1.5}, r"^share must lie in 0\.\.1, not 1\.5$"),
        ({"name": "hotspot", "hotspots": []}, r"^hotspots must name at least one tile, not none$"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrafficPattern(**options)


def test_a_hot_tile_off_the_mesh_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^hotspots must lie on the 4x4 mesh, not 1,4$"):
        TrafficPattern(name="hotspot", hotspots=[(3, 3), (1, 4)]).check(4, 4)


def test_json_names_what_was_asked_for() -> None:
    assert TrafficPattern(name="shuffle").to_dict(4, 4) == {"name": "shuffle"}
    assert TrafficPattern(name="hotspot").to_dict(4, 6) == {"name": "hotspot", "hotspots": [[2, 3]], "share": 0.1}
