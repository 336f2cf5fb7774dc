"""Bad input to `synaptile fpga check`; what it does with a board is in tests/bridge/fpga/test_engine.py."""

import pytest

from synaptile.bridge.cli import main
from synaptile.bridge.cli.fpga import check


def test_a_port_must_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.run
    assert main(["fpga", "check"]) == 2
    assert "--port" in capsys.readouterr().err


def test_a_port_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fpga", "check", "--port", "/dev/ttyNone"]) == 2
    assert capsys.readouterr().err == "synaptile: error: /dev/ttyNone: there is no such port\n"
