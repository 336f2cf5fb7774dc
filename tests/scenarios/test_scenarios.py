"""Every system scenario of PyNN on this backend."""

import os
import warnings

import pytest
from scenarios.pynn_source import UnreachableError, folder, scenarios

import synaptile.swsim as sim

# What cannot be run, and why.
IMPOSSIBLE = {"test_scenario5.test_scenario5": "needs a multi-compartment neuron and a morphology"}
EXPECTED = 66


class Backend:
    """The backend under the name by which PyNN knows it."""

    __name__ = "pyNN.synaptile"

    def __str__(self):
        return self.__name__

    def __getattr__(self, name):
        return getattr(sim, name)


def _found():
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return scenarios(folder())
    except UnreachableError as error:
        if os.environ.get("CI"):
            raise
        return str(error)


FOUND = _found()
if isinstance(FOUND, str):
    pytest.skip(FOUND, allow_module_level=True)


def test_none_is_missing():
    assert len(FOUND) == EXPECTED
    assert set(IMPOSSIBLE) <= set(FOUND)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", FOUND)
def test_scenario(name, tmp_path, monkeypatch):
    if name in IMPOSSIBLE:
        pytest.skip(IMPOSSIBLE[name])
    monkeypatch.chdir(tmp_path)
    FOUND[name](Backend())
