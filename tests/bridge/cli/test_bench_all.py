"""``synaptile bench all``: benchmarks one after the other, and their page whatever happens to one."""

import argparse
import base64
from pathlib import Path
from typing import Any

import pytest

from synaptile.bridge.cli import main
from synaptile.bridge.cli.bench import every


class Benchmark:
    """Prints a line, and writes a plot or ends otherwise."""

    def __init__(self, line: str, end: BaseException | int = 0) -> None:
        self.line, self.end = line, end

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--curve")
        parser.add_argument("--out", type=Path)

    def run(self, args: argparse.Namespace) -> int:
        print(self.line)
        args.out.mkdir()
        (args.out / "plot.png").write_bytes(f"plot of {self.line}".encode())
        if isinstance(self.end, BaseException):
            raise self.end
        return self.end


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)

    def command(benchmarks: dict[str, Benchmark], *options: str) -> tuple[int, str, str, str]:
        known = {name: (f"About {name}", one, ["--curve", "{out}/c.png"], []) for name, one in benchmarks.items()}
        monkeypatch.setattr(every, "_BENCHMARKS", known)
        code = main(["bench", "all", "--out", "o", *options])
        out, err = capsys.readouterr()
        return code, out, err, Path("o/bench.html").read_text()

    return command


def picture(line: str) -> str:
    return base64.b64encode(f"plot of {line}".encode()).decode()


def test_the_page_has_what_was_printed_and_drawn(run: Any) -> None:
    code, out, err, page = run({"first": Benchmark("1 < 2"), "second": Benchmark("two")})
    assert (code, err) == (0, "synaptile: wrote o/bench.html\n")
    command = "synaptile bench first --curve o/first/c.png"
    assert out.splitlines() == ["", command, "1 < 2", "", "synaptile bench second --curve o/second/c.png", "two"]
    assert (
        page.index("About first") < page.index(command) < page.index("<pre>1 &lt; 2</pre>") < page.index("About second")
    )
    assert page.count("data:image/png") == 2
    assert picture("1 < 2") in page
    assert "numpy" in page
    assert "http" not in page  # nothing is fetched
    code, _, _, page = run({"third": Benchmark("x"), "fourth": Benchmark("y")}, "--only", "fourth", "--full")
    assert code == 0
    assert "About third" not in page
    assert "<code>synaptile bench fourth</code>" in page


def test_a_benchmark_that_fails_costs_its_own_results(run: Any) -> None:
    code, _, err, page = run({"bad": Benchmark("begun", RuntimeError("no < such thing")), "good": Benchmark("done")})
    assert code == 1
    assert err.splitlines()[0] == "synaptile: synaptile bench bad --curve o/bad/c.png: no < such thing"
    assert "It failed: no &lt; such thing" in page
    assert "<pre>done</pre>" in page


@pytest.mark.parametrize("end", [KeyboardInterrupt(), 130])
def test_ctrl_c_leaves_the_page_of_what_was_measured(run: Any, end: BaseException | int) -> None:
    code, _, _, page = run({"one": Benchmark("1"), "two": Benchmark("half", end), "three": Benchmark("3")})
    assert code == 130
    assert "<pre>1</pre>" in page
    assert "It was interrupted: what it measured until then." in page
    assert picture("half") in page
    assert "About three" not in page


def test_the_options_are_those_of_the_benchmarks() -> None:
    for _, module, short, full in every._BENCHMARKS.values():
        parser = argparse.ArgumentParser(exit_on_error=False)
        module.add_arguments(parser)
        for words in (short, full):
            parser.parse_args([*(word.format(out="o") for word in words), "--out", "o"])
