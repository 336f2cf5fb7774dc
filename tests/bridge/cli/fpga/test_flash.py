"""`synaptile fpga flash`, with and without openFPGALoader."""

from pathlib import Path

import pytest

from synaptile.bridge.cli import main


def test_flash_without_openfpgaloader(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bitstream = tmp_path / "chip.bit"
    bitstream.write_bytes(b"bits")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["fpga", "flash", str(bitstream), "--board", "ulx3s"]) == 2
    assert "openFPGALoader is not installed" in capsys.readouterr().err


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (3, 1)])
def test_flash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int, expected: int) -> None:
    bitstream, said = tmp_path / "chip.bit", tmp_path / "said"
    bitstream.write_bytes(b"bits")
    loader = tmp_path / "openFPGALoader"
    loader.write_text(f'#!/bin/sh\necho "$@" > {said}\nexit {code}\n')
    loader.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert main(["fpga", "flash", str(bitstream), "--board", "ulx3s", "--keep"]) == expected
    assert said.read_text().split() == ["--board", "ulx3s", "--write-flash", str(bitstream)]
