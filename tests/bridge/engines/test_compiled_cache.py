"""The compiled engine's compiler and cache: what goes wrong is told in one line, and what is damaged is made again."""

import logging
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import synaptile.bridge.engines as engines
from synaptile.bridge.engines import EngineUnavailable, make_engine
from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.bridge.engines.native.build import cache_dir, cached, find_compiler
from synaptile.rtl import NetworkParams

PARAMS = NetworkParams(rows=1, cols=1)
FLAGS = ("-shared", "-fPIC")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("SYNAPTILE_CACHE", str(folder))
    return folder


@pytest.fixture
def fake_compiler(tmp_path, monkeypatch):
    """A compiler that copies its source, and does what else its script says."""

    def install(script: str = "", version: str = "fake 1.0") -> Path:
        path = tmp_path / "fake-c++"
        path.write_text(
            f'#!/bin/sh\nif [ "$1" = --version ]; then echo "{version}"; exit 0; fi\n{script}\n'
            'while [ "$1" != -o ]; do shift; done\ncp "$3" "$2"\n'
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("CXX", str(path))
        return path

    return install


def compile_once(text: str = "int x;", *, parts: tuple[str, ...] = ("a",), flags: tuple[str, ...] = FLAGS):
    calls = []
    path = cached(parts, lambda: calls.append(1) or text, find_compiler(), flags=flags)
    return len(calls), path


def test_flags_of_one_s_own_come_last(cache, fake_compiler, monkeypatch, tmp_path):
    given = tmp_path / "given"
    fake_compiler(f'echo "$@" > {given}')
    monkeypatch.setenv("SYNAPTILE_CXXFLAGS", "-O2 '-DNAME=a b'")
    with pytest.raises(EngineUnavailable):  # what the fake compiler makes cannot be loaded
        make_engine("compiled", PARAMS)
    words = given.read_text()
    assert 0 < words.index(" -O3 ") < words.index(" -O2 -DNAME=a b ")


def test_flags_that_are_none_are_refused(cache, fake_compiler, monkeypatch):
    fake_compiler()
    monkeypatch.setenv("SYNAPTILE_CXXFLAGS", "-D'")
    with pytest.raises(
        EngineUnavailable, match=r"^SYNAPTILE_CXXFLAGS must be flags, not \"-D'\" \(no closing quotation"
    ):
        make_engine("compiled", PARAMS)


def test_a_library_is_compiled_once(cache, fake_compiler):
    fake_compiler()
    times, path = compile_once()
    assert times == 1
    assert path.read_text() == "int x;"
    assert path.is_relative_to(cache)
    assert compile_once() == (0, path)


def test_a_library_belongs_to_source_flags_compiler_and_version(cache, fake_compiler):
    fake_compiler()
    paths = {compile_once()[1]}
    paths.add(compile_once(parts=("b",))[1])
    paths.add(compile_once(parts=("a", ""))[1])
    paths.add(compile_once(flags=(*FLAGS, "-O1"))[1])
    fake_compiler(version="fake 2.0")
    times, path = compile_once()
    assert times == 1
    assert len({*paths, path}) == 5


@pytest.mark.parametrize("name", ["chip.so", "chip.sha256"])
@pytest.mark.parametrize("damage", ["half", "gone", "other"])
def test_a_damaged_library_is_made_again(cache, fake_compiler, name, damage):
    fake_compiler()
    _, path = compile_once("int whole;")
    file = path.with_name(name)
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(content[: len(content) // 2] if damage == "half" else b"\xff" * len(content))
    assert compile_once("int whole;") == (1, path)
    assert path.read_text() == "int whole;"
    assert [p.name for p in cache.iterdir()] == [path.parent.name]


def test_another_process_may_be_faster(cache, fake_compiler):
    fake_compiler()

    def make() -> str:
        compile_once("int x; // theirs")
        return "int x; // ours"

    path = cached(("a",), make, find_compiler(), flags=FLAGS)
    assert path.read_text() == "int x; // theirs"


def test_nothing_is_left_of_a_failure(cache, fake_compiler):
    fake_compiler('echo "chip.cc:3:1: error: no such thing" >&2; echo "more" >&2; exit 1')
    message = r"the C\+\+ compiler \S+ failed: chip.cc:3:1: error: no such thing; set CXX .* engine 'amaranth'$"
    with pytest.raises(EngineUnavailable, match=message):
        compile_once()
    assert list(cache.iterdir()) == []


def test_a_compiler_must_exist(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler -O3")
    with pytest.raises(EngineUnavailable, match=r"^no C\+\+ compiler found \(no-such-compiler -O3\): install g\+\+ or"):
        find_compiler()
    monkeypatch.delenv("CXX")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineUnavailable, match=r"^no C\+\+ compiler found \(g\+\+, clang\+\+, c\+\+\): install"):
        find_compiler()


def test_a_compiler_must_work(monkeypatch):
    monkeypatch.setenv("CXX", "false")
    with pytest.raises(EngineUnavailable, match=r"the C\+\+ compiler false does not work: it says nothing; set CXX"):
        find_compiler()


def test_the_cache_must_be_writable(tmp_path, monkeypatch, fake_compiler):
    fake_compiler()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SYNAPTILE_CACHE", str(tmp_path / "file" / "cache"))
    message = r"^the compiled engine cannot be kept in \S+/file/cache: Not a directory; set SYNAPTILE_CACHE to a folder"
    with pytest.raises(EngineUnavailable, match=message):
        compile_once()


def test_a_full_disk_is_told(cache, fake_compiler, monkeypatch):
    fake_compiler()

    def full(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(EngineUnavailable, match=r"cannot be kept in \S+: No space left on device; set SYNAPTILE_CACHE"):
        compile_once()


def test_where_the_cache_is(monkeypatch):
    monkeypatch.setenv("SYNAPTILE_CACHE", "/one")
    monkeypatch.setenv("XDG_CACHE_HOME", "/two")
    monkeypatch.setenv("HOME", "/three")
    assert cache_dir() == Path("/one")
    monkeypatch.delenv("SYNAPTILE_CACHE")
    assert cache_dir() == Path("/two/synaptile")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_dir() == Path("/three/.cache/synaptile")


def test_auto_falls_back_and_says_so_once(cache, monkeypatch, caplog):
    engines._warn_once.cache_clear()
    monkeypatch.setenv("CXX", "no-such-compiler")
    with caplog.at_level(logging.WARNING, logger=engines.__name__):
        for _ in range(2):
            assert isinstance(make_engine("auto", PARAMS), AmaranthEngine)
    assert [record.getMessage() for record in caplog.records] == [
        "using the slow engine 'amaranth': no C++ compiler found (no-such-compiler): install g++ or clang++ "
        "or set CXX, or use the engine 'amaranth'"
    ]
    with pytest.raises(EngineUnavailable):
        make_engine("compiled", PARAMS)


def test_engines_by_name():
    assert isinstance(make_engine("auto", PARAMS), CompiledEngine)
    assert isinstance(make_engine("compiled", PARAMS), CompiledEngine)
    assert isinstance(make_engine("amaranth", PARAMS), AmaranthEngine)
    with pytest.raises(ValueError, match="engine must be one of auto, compiled, amaranth, not 'fast'"):
        make_engine("fast", PARAMS)


_RUN = """
import numpy as np
from synaptile.bridge.engines import Packets, make_engine
from synaptile.rtl import NetworkParams
engine = make_engine("compiled", NetworkParams(rows=2, cols=2, stamp_bits=5))
engine.inject(Packets(*(np.array([value]) for value in (3, 0, 3, 1, 1))))
engine.drain(100)
print(engine.deliveries().delivered.tolist())
"""


def test_two_processes_may_compile_at_once(cache):
    environment = {**os.environ, "SYNAPTILE_CACHE": str(cache)}
    runs = [
        subprocess.Popen([sys.executable, "-c", _RUN], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [run.communicate()[0] for run in runs] == ["[6]\n"] * 2
    assert sorted(path.name.split("-")[0] for path in cache.iterdir()) == ["chip", "circuit"]


def test_a_cache_is_for_the_user_alone(tmp_path, monkeypatch, fake_compiler):
    fake_compiler()
    monkeypatch.setenv("SYNAPTILE_CACHE", str(tmp_path / "a" / "b"))
    before = os.umask(0o002)  # as on many machines where each user has a group
    try:
        times, path = compile_once()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert [stat.S_IMODE(place.stat().st_mode) & 0o022 for place in (path, path.parent)] == [0, 0]
    assert (times, compile_once()) == (1, (0, path))


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777, 0o1777])
@pytest.mark.parametrize("place", ["the cache", "a folder in it", "a library"])
def test_what_others_may_write_is_not_loaded(cache, fake_compiler, mode, place):
    fake_compiler()
    _, library = compile_once()
    path = {"the cache": cache, "a folder in it": library.parent, "a library": library}[place]
    path.chmod(mode)
    message = (
        rf"^the cache {path} may be written by other users \(mode {mode:o}\): make that 700, or set SYNAPTILE_CACHE"
    )
    with pytest.raises(EngineUnavailable, match=message):
        compile_once()
    path.chmod(0o755)
    assert compile_once() == (0, library)


def test_what_is_another_user_s_is_not_loaded(cache, fake_compiler, monkeypatch):
    fake_compiler()
    compile_once()
    monkeypatch.setattr(os, "geteuid", lambda: cache.stat().st_uid + 1)
    with pytest.raises(EngineUnavailable, match=rf"^the cache {cache} belongs to another user \(number \d+\); set SYN"):
        compile_once()


def test_a_cache_from_which_nothing_can_be_executed(cache, fake_compiler, monkeypatch):
    fake_compiler()
    found = os.statvfs("/")
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_flag=found.f_flag | os.ST_NOEXEC))
    with pytest.raises(
        EngineUnavailable, match=r"nothing there can be executed \(mount option noexec\); set SYNAPTILE_C"
    ):
        compile_once()


def test_what_cannot_be_loaded_is_not_kept(cache, fake_compiler):
    path = fake_compiler()
    name = re.escape(str(path))
    message = rf"^what the C\+\+ compiler {name} has made cannot be loaded: its output: .*; set CXX .* SYNAPTILE_CACHE"
    with pytest.raises(EngineUnavailable, match=message):
        CompiledEngine(PARAMS)
    assert list(cache.iterdir()) == []


def test_a_library_of_another_kind_is_not_kept(cache, monkeypatch, tmp_path):
    real = find_compiler().command[0]
    other = tmp_path / "c++"
    other.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo other && exit\nwhile [ "$1" != -o ]; do shift; done\n'
        f'echo "int x;" > "$3.cc"; exec {real} -shared -fPIC -o "$2" "$3.cc"\n'
    )
    other.chmod(0o700)
    monkeypatch.setenv("CXX", str(other))
    with pytest.raises(EngineUnavailable, match="cannot be loaded: its output: undefined symbol: chip_new; set CXX"):
        CompiledEngine(PARAMS)
    assert list(cache.iterdir()) == []


def test_auto_falls_back_from_whatever_cannot_be_loaded(cache, fake_compiler, caplog):
    fake_compiler()
    engines._warn_once.cache_clear()
    for _ in range(2):
        assert isinstance(make_engine("auto", PARAMS), AmaranthEngine)
    warned = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [record.message.count("SYNAPTILE_CACHE") for record in warned] == [1]
    assert "using the slow engine 'amaranth': what the C++ compiler" in caplog.text
    engines._warn_once.cache_clear()


def test_a_user_without_a_home_has_no_cache(monkeypatch, fake_compiler):
    fake_compiler()
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("SYNAPTILE_CACHE", "~no-such-user/cache")
    with pytest.raises(
        EngineUnavailable, match=r"^there is no cache folder: could not determine home.*SYNAPTILE_CACHE"
    ):
        compile_once()
    assert engines.fastest("auto") == "amaranth"


@pytest.mark.parametrize("command", ["'", '"', "g++ '", '""', "''"])
def test_a_compiler_s_command_must_be_one(monkeypatch, command):
    monkeypatch.setenv("CXX", command)
    with pytest.raises(EngineUnavailable, match=r"^(CXX must be a command, not|no C\+\+ compiler found)"):
        find_compiler()
    assert engines.fastest("auto") == "amaranth"
