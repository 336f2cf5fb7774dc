"""Reading VCD files leaves the process's signals alone."""

import signal
import subprocess
import sys

import pytest


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="there is no SIGPIPE here")
@pytest.mark.parametrize("before", ["SIG_IGN", "SIG_DFL"])
def test_broken_pipes_do_what_they_did(before: str) -> None:
    code = (
        "import signal\n"
        f"signal.signal(signal.SIGPIPE, signal.{before})\n"
        "from synaptile.bridge.waves.vcd_reader import VCDVCD\n"
        "print(signal.getsignal(signal.SIGPIPE).name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == before
