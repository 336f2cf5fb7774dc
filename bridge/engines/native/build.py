"""Shared libraries made from C++ with the user's compiler, and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .cache_folder import EngineUnavailable, cache_dir, check_owned, open_cache

__all__ = ["Compiler", "EngineUnavailable", "cache_dir", "cached", "find_compiler", "own_flags", "vector_flags"]


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler: its command and version, which are part of a library's key in the cache."""

    command: tuple[str, ...]
    version: str

    def __call__(self, source: str, output: Path, *, flags: Sequence[str]) -> None:
        """Compile C++ to a shared library.

        Raises
        ------
        EngineUnavailable
            If the compiler fails; the first of its errors is in the message.
        """
        # The compiler reads a file rather than its standard input, so that its messages name one.
        path = output.with_suffix(".cc")
        path.write_text(source, encoding="utf-8")
        run = subprocess.run(
            [*self.command, *flags, "-o", str(output), str(path)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if run.returncode:
            raise EngineUnavailable(
                f"the C++ compiler {shlex.join(self.command)} failed: {_first_error(run.stderr)}; "
                "set CXX to another one, or use the engine 'amaranth'"
            )


def _first_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it says nothing"])[0]


def find_compiler() -> Compiler:
    """Find the compiler named by ``$CXX``, or else the first of g++, clang++ and c++ on ``$PATH``.

    Raises
    ------
    EngineUnavailable
        If there is none that works.
    """
    chosen = os.environ.get("CXX", "").strip()
    tried: list[str] = []
    for text in [chosen] if chosen else ["g++", "clang++", "c++"]:
        try:
            command = tuple(shlex.split(text))
        except ValueError as error:
            raise EngineUnavailable(
                f"CXX must be a command, not {text!r} ({str(error).lower()}); set CXX to another one, or use the "
                "engine 'amaranth'"
            ) from None
        if not command or shutil.which(command[0]) is None:
            tried.append(text)
            continue
        try:
            run = subprocess.run(
                [*command, "--version"], capture_output=True, encoding="utf-8", errors="replace", check=False
            )
        except OSError as error:
            raise EngineUnavailable(f"the C++ compiler {text} cannot be run: {error}") from error
        if run.returncode:
            raise EngineUnavailable(
                f"the C++ compiler {text} does not work: {_first_error(run.stderr)}; "
                "set CXX to another one, or use the engine 'amaranth'"
            )
        return Compiler(command, run.stdout.strip())
    raise EngineUnavailable(
        f"no C++ compiler found ({', '.join(tried)}): install g++ or clang++ or set CXX, or use the engine 'amaranth'"
    )


def own_flags() -> list[str]:
    """The flags in ``$SYNAPTILE_CXXFLAGS``, which come after all others, such as -O1 to compile sooner and run slower.

    Raises
    ------
    EngineUnavailable
        If that is not a list of flags.
    """
    text = os.environ.get("SYNAPTILE_CXXFLAGS", "")
    try:
        return shlex.split(text)
    except ValueError as error:
        raise EngineUnavailable(f"SYNAPTILE_CXXFLAGS must be flags, not {text!r} ({str(error).lower()})") from None


def vector_flags() -> list[str]:
    """Flags that let a compiler use this processor's vector registers, where it does not do so anyway."""
    try:
        known = _FLAGS_OF_PROCESSOR.search(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return []
    # Wider ones exist, but do not pay: what they compute with no longer fits into the fastest caches.
    return ["-mavx2"] if known and "avx2" in known[1].split() else []


_FLAGS_OF_PROCESSOR = re.compile(r"^flags\s*:(.*)$", re.MULTILINE)


def cached(
    parts: Sequence[str],
    make: Callable[[], str],
    compiler: Compiler,
    *,
    flags: Sequence[str],
    include: Sequence[Path] = (),
    check: Callable[[Path], object] = Path.stat,
) -> Path:
    """The shared library that belongs to ``parts``, compiled if it is not in the cache.

    A finished library and its checksum are moved into the cache in one step, so that another process sees both or
    neither, and a damaged library is made again. What cannot be loaded is not kept. Nothing is taken from a cache that
    another user owns or may write to.

    Parameters
    ----------
    parts
        Everything that the C++ is made from.
    make
        Function that gives the C++.
    compiler, flags
        How it is compiled; part of the library's key.
    include
        Folders of headers; their contents must follow from ``parts``.
    check
        Loads a library that has just been made; raises ``OSError`` or ``AttributeError`` if it is none, or not such a
        one. By default that it is there is enough.

    Raises
    ------
    EngineUnavailable
        If it cannot be compiled, or the cache folder cannot be written, is another user's, or is one from which
        libraries cannot be loaded.
    """
    key = hashlib.sha256()
    for part in (*parts, *compiler.command, compiler.version, *flags, platform.machine()):
        key.update(len(part.encode()).to_bytes(8, "little") + part.encode())
    home = open_cache() / f"chip-{key.hexdigest()[:32]}"
    if _is_intact(home):
        return home / _LIBRARY
    try:
        with tempfile.TemporaryDirectory(dir=home.parent, prefix="building-") as building:
            fresh = Path(building) / "fresh"
            fresh.mkdir()
            compiler(make(), fresh / _LIBRARY, flags=[*flags, *(f"-I{path}" for path in include)])
            _check_loads(check, fresh / _LIBRARY, compiler)
            (fresh / _LIBRARY).chmod(0o700)
            fresh.chmod(0o700)
            (fresh / _CHECKSUM).write_text(_checksum(fresh / _LIBRARY), encoding="ascii")
            if home.exists() and not _is_intact(home):
                home.rename(Path(building) / "damaged")
            try:
                fresh.rename(home)
            except OSError:
                if not _is_intact(home):  # unless another process was faster
                    raise
    except OSError as error:
        raise EngineUnavailable(
            f"the compiled engine cannot be kept in {home.parent}: {error.strerror or error}; "
            "set SYNAPTILE_CACHE to a folder that can be written, or use the engine 'amaranth'"
        ) from error
    return home / _LIBRARY


_LIBRARY = "chip.so"
_CHECKSUM = "chip.sha256"


def _check_loads(check: Callable[[Path], object], library: Path, compiler: Compiler) -> None:
    """Raise `EngineUnavailable` if a library that has just been made cannot be loaded."""
    try:
        check(library)
    except (OSError, AttributeError) as error:
        reason = str(error).replace(str(library), "its output")
        raise EngineUnavailable(
            f"what the C++ compiler {shlex.join(compiler.command)} has made cannot be loaded: {reason}; set CXX to "
            "another one, or SYNAPTILE_CACHE to a folder from which libraries can be loaded, or use the engine "
            "'amaranth'"
        ) from None


def _is_intact(home: Path) -> bool:
    """Return whether a folder of the cache holds a library as it was written.

    Raises `EngineUnavailable` if another user owns it, or may have written to it.
    """
    for path in (home, home / _LIBRARY):
        if path.exists():
            check_owned(path)
    try:
        return (home / _CHECKSUM).read_text(encoding="ascii") == _checksum(home / _LIBRARY)
    except (OSError, UnicodeDecodeError):
        return False


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
