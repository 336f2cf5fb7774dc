import pytest
from support.verilog_bench import prepare_simulators


@pytest.fixture
def simulators(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verilog simulators on the path, and the bench where their Python finds it."""
    prepare_simulators(monkeypatch)
