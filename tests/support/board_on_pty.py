"""A simulated board at a pseudo-terminal."""

import contextlib
import os
import pty
import select
import threading
import tty
from typing import Any

__all__ = ["BoardOnPty"]


class BoardOnPty:
    """Has a `LineBoard` run, and what comes through the terminal ``name`` go to it and back; a context."""

    def __init__(self, board: Any, *, cycles: int = 2000) -> None:
        self._board = board
        self._cycles = cycles
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.name = os.ttyname(self._slave)
        self._stop, self._frozen = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "BoardOnPty":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.pull()

    def pull(self) -> None:
        """Pull the cable."""
        if not self._stop.is_set():
            self._stop.set()
            self._thread.join()
            os.close(self._slave)
            os.close(self._master)

    def freeze(self) -> None:
        """Switch the board off, with the cable where it is."""
        self._frozen.set()

    def _serve(self) -> None:
        out = b""
        while not self._stop.is_set():
            if self._frozen.is_set():
                self._stop.wait(0.01)
                continue
            if self._board.waiting < 4096 and select.select([self._master], [], [], 0)[0]:
                self._board.give(os.read(self._master, 4096))
            out += self._board.run(self._cycles)
            if out:
                with contextlib.suppress(BlockingIOError):
                    out = out[os.write(self._master, out) :]
