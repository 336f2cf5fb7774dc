from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def waves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a failing hardware test leaves its waveform."""
    return tmp_path_factory.mktemp("waves")
