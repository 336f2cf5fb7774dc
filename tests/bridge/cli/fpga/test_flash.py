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


@pytest.mark.parametrize(
    ("code", "expected", "board", "theirs"),
    [
        (0, 0, "ulx3s-85f", "ulx3s"),
        (3, 1, "arty-a7-35", "arty_a7_35t"),
        (0, 0, "icebreaker", "ice40_generic"),
        (0, 0, "ulx3s_dfu", "ulx3s_dfu"),
    ],
)
def test_flash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int, expected: int, board: str, theirs: str
) -> None:
    bitstream, said = tmp_path / "chip.bit", tmp_path / "said"
    bitstream.write_bytes(b"bits")
    loader = tmp_path / "openFPGALoader"
    loader.write_text(f'#!/bin/sh\necho "$@" > {said}\nexit {code}\n')
    loader.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert main(["fpga", "flash", str(bitstream), "--board", board, "--keep"]) == expected
    assert said.read_text().split() == ["--board", theirs, "--write-flash", str(bitstream)]
