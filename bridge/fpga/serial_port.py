"""A serial port as bytes in and out."""

from __future__ import annotations

import contextlib
import errno
import time
from typing import Any, Protocol

from .link_errors import LinkLost, PortError

__all__ = ["ByteLine", "SerialLine", "open_port"]

_READ_BYTES = 65_536


class ByteLine(Protocol):
    """Bytes in and out; `LinkLost` if it is gone."""

    on_demand: bool
    """Its time stands still while nobody reads: it is read only while something is under way or awaited."""

    def now(self) -> float:
        """Return the time on the clock by which the line and what is at its end run, in seconds from anywhere."""
        ...

    def read(self, seconds: float) -> bytes:
        """Return what has come, waiting at most so long for the first byte."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class SerialLine:
    """A port of pySerial's."""

    on_demand = False

    def __init__(self, port: Any, name: str) -> None:
        self._port = port
        self._name = name

    def now(self) -> float:
        """Return the time, in seconds from anywhere."""
        return time.monotonic()

    def read(self, seconds: float) -> bytes:
        """Return what has come, waiting at most so long for the first byte."""
        try:
            self._port.timeout = seconds
            first: bytes = self._port.read(1)
            return first + self._port.read(min(self._port.in_waiting, _READ_BYTES)) if first else b""
        except (OSError, TypeError) as error:  # pySerial's is an OSError; the other is a port closed meanwhile
            raise LinkLost(f"{self._name}: the port is gone: {_reason(error)}") from None

    def write(self, data: bytes) -> None:
        """Send bytes."""
        try:
            self._port.write(data)
        except (OSError, TypeError) as error:
            raise LinkLost(f"{self._name}: the port is gone: {_reason(error)}") from None

    def close(self) -> None:
        """Give the port back."""
        with contextlib.suppress(OSError):
            self._port.close()


def open_port(name: str, baud: int) -> SerialLine:
    """Open a serial port for this program alone.

    Parameters
    ----------
    name
        Its path, such as ``/dev/ttyUSB0``, or its name.
    baud
        Bits in a second.

    Raises
    ------
    PortError
        If there is none, or it is in use or may not be used, or pySerial is not installed.
    """
    try:
        import serial
    except ImportError:
        raise PortError("pyserial is not installed: pip install 'synaptile[fpga]'") from None
    try:
        port = serial.Serial(name, baud, exclusive=True, write_timeout=5)
    except (OSError, ValueError) as error:
        raise PortError(f"{name}: {_problem(error)}") from None
    # Without it, a driver keeps bytes for up to 16 ms; not every driver, nor every system, has the setting.
    with contextlib.suppress(AttributeError, NotImplementedError, OSError, ValueError):
        port.set_low_latency_mode(True)
    return SerialLine(port, name)


def _problem(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return "there is no such port"
    if number in (errno.EBUSY, errno.EAGAIN) or "lock" in str(error).lower():
        return "the port is busy: another program has it open"
    if number in (errno.EACCES, errno.EPERM):
        return "the port may not be used: is the user in its group (dialout)?"
    return f"the port cannot be opened: {_reason(error)}"


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
