import csv

import pytest

from synaptile.bridge import compare


class Figures:
    def __init__(self, values):
        self.values = values

    def to_dict(self):
        return self.values


class Run:
    """What is taken of a run."""

    def __init__(self, rows, values):
        self._rows, self.metrics = rows, Figures(values)

    def rows(self):
        return self._rows


FIRST = Run([("Latency", "3.0", "cycles"), ("Tiles", "4", "tiles")], {"latency": 3.0, "energy": {"total": 2.0}})
SECOND = Run(
    [("Latency", "2.0", "cycles"), ("Tiles", "4", "tiles"), ("Late", "1", "packets")],
    {"latency": 2.0, "late": 1, "energy": {"total": None, "known": True}, "seed": "x"},
)


def test_rows_of_all_runs_in_one_table():
    found = compare({"a": FIRST, "b": SECOND})
    assert found.rows() == [
        ("Latency", "cycles", ["3.0", "2.0"]),
        ("Tiles", "tiles", ["4", "4"]),
        ("Late", "packets", ["–", "1"]),
    ]
    lines = str(found).splitlines()
    assert lines[0] == "2 runs side by side"
    assert lines[1].split() == ["a", "b"]
    assert lines[2].split() == ["Latency", "3.0", "2.0", "cycles"]
    assert lines[4].split() == ["Late", "–", "1", "packets"]


def test_only_what_differs():
    assert "Tiles" not in compare([FIRST, SECOND]).table(differences=True)
    assert "run 1" in compare([FIRST, SECOND]).table()


def test_numbers_are_those_of_the_file_by_their_keys():
    found = compare([FIRST, SECOND])
    assert found.numbers() == {"run 1": {"latency": 3.0, "energy.total": 2.0}, "run 2": {"latency": 2.0, "late": 1}}
    rows = list(csv.reader(found.to_csv().splitlines()))
    assert rows == [["run", "latency", "energy.total", "late"], ["run 1", "3.0", "2.0", ""], ["run 2", "2.0", "", "1"]]
    frame = found.to_pandas()
    assert frame.loc["run 2", "late"] == 1


@pytest.mark.parametrize("runs", [[], {}])
def test_no_runs(runs):
    with pytest.raises(ValueError, match="runs must be at least one run"):
        compare(runs)
