import pickle

from synaptile.bridge.errors import ConfigError


def test_one_line_per_problem() -> None:
    error = ConfigError(["a: is missing", "b: must be at least 1, not 0"], "mine.yaml")
    assert str(error) == "a: is missing (in mine.yaml)\nb: must be at least 1, not 0 (in mine.yaml)"
    assert isinstance(error, ValueError)
    assert str(ConfigError("a: is missing")) == "a: is missing"
    assert str(ConfigError("a: is missing").located("preset x")) == "a: is missing (in preset x)"


def test_survives_a_process_boundary() -> None:
    error = pickle.loads(pickle.dumps(ConfigError(["a", "b"], "mine.yaml")))
    assert (error.problems, error.origin, str(error)) == (("a", "b"), "mine.yaml", "a (in mine.yaml)\nb (in mine.yaml)")
