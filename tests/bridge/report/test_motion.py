import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from support.effort import examples
from support.fake_runs import imagined, random_trace
from support.random_runs import runs

from synaptile.bridge import Chip
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.mapping import map_network
from synaptile.bridge.metrics import RunData, compute_metrics
from synaptile.bridge.metrics.congestion.ways import PORTS
from synaptile.bridge.report import write_report
from synaptile.bridge.report.motion import motion
from synaptile.bridge.run import ChipRun

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)


def levels(data: dict[str, Any], name: str) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(data[name]), np.uint8)
    return flat.reshape(-1, len(data["links"])) if name == "linkLevels" else flat.reshape(data["windows"], -1)


def finished(data: RunData) -> ChipRun:
    _, report = map_network(data.mapped.network, data.config, partition="in-order", placement="in-order")
    return ChipRun(
        config=data.config,
        trace=data.trace,
        mapping=data.mapped.mapping,
        mapping_report=report,
        packets=data.packets,
        deliveries=data.deliveries,
        activity=data.activity,
        metrics=compute_metrics(data),
        engine="imagined",
        mode="replay",
        seed=0,
        partial=False,
    )


@given(runs())
@settings(max_examples=examples(20, 300))
def test_what_is_shown_is_what_was_measured(data: RunData) -> None:
    run = finished(data)
    found = motion(run)
    if found is None:
        assert not len(run.deliveries)
        return
    shown = json.loads(found.data)
    load, log = run.metrics.congestion.load, run.deliveries
    rate = load.flits[:, shown["links"]] / load.lengths[:, None]
    level = levels(shown, "linkLevels")
    assert ((level > 0) == (rate > 0)).all()
    assert np.abs(level / 255 * shown["linkTop"] - rate).max(initial=0) <= shown["linkTop"] / 255 + 1e-12
    rate = load.routers / load.lengths[:, None]
    assert ((levels(shown, "routerLevels") > 0) == (rate > 0)).all()
    assert shown["entered"] == load.entered.sum(axis=1).tolist()
    logged = {
        (n, c, i, d, int(e // data.config.cycles_per_step > c // data.config.cycles_per_step))
        for n, c, i, d, e in zip(
            *(getattr(log, x).tolist() for x in ("neuron", "created", "injected", "delivered", "completed")),
            strict=True,
        )
    }
    for window, packets in enumerate(shown["packets"]):
        inside = log.delivered // load.window == window
        assert len(packets) == min(24, int(inside.sum()))
        for neuron, way, created, injected, delivered, late in packets:
            assert delivered // load.window == window
            assert (neuron, created, injected, delivered, late) in logged
            routers, offsets = shown["ways"][way]
            assert len(routers) == len(offsets)
            assert offsets[0] == 1
        if len(packets):
            assert max(p[4] - p[2] for p in packets) == log.latency[inside].max()
    assert load.routers.shape[1] * PORTS == len(load.total)


def test_a_page_that_knows_no_ways_says_so(tmp_path: Path) -> None:
    run = Chip(mesh="2x2", crossbar="64x4", routing="west-first", engine="amaranth").replay(
        random_trace((12,), steps=2)
    )
    found = motion(run)
    assert found is not None
    data = json.loads(found.data)
    assert data["linksOverTime"] is False
    assert levels(data, "linkLevels").shape == (1, 8)
    assert all(offsets == [1, routers[0] != routers[1] and offsets[1]] for routers, offsets in data["ways"])
    page = write_report(run, tmp_path, title="A run").read_text(encoding="utf-8")
    assert "packets go in straight lines, for the routing west-first leaves a choice" in page


def test_nothing_moves_where_nothing_was_delivered() -> None:
    assert motion(imagined(random_trace(), ChipConfig.preset("demo"), delivered=0)) is None


def test_a_large_mesh_and_many_packets_do_not_make_a_large_page() -> None:
    trace = random_trace((3000,), steps=100, rate=0.05, synapses=9000)
    run = imagined(trace, ChipConfig(mesh="40x40", crossbar="512x2", cycles_per_step=100), wait=300)
    found = motion(run)
    assert found is not None
    assert len(run.deliveries) > 20_000
    assert len(found.data) < 1_500_000


DRIVER = """
const seen = [], at = (id) => document.getElementById("motion-" + id);
const note = (what) =>
  seen.push([what, Number(at("canvas").dataset.frame), Number(at("window").value), at("text").textContent]);
const pixels = () => at("canvas").toDataURL();
addEventListener("load", async () => {
  // Frames come when the browser likes: wait for what must happen, not for a time.
  const until = async (happened) => {
    for (let i = 0; i < 400 && !happened(); i++) await new Promise((done) => setTimeout(done, 50));
  };
  const first = at("window").value;
  note("start");
  at("play").click(); await until(() => at("window").value !== first); note("played"); at("play").click();
  at("window").value = first; at("window").dispatchEvent(new Event("input")); note("back"); const bare = pixels();
  at("packets").click(); note("packets"); const still = pixels();
  at("play").click(); await until(() => pixels() !== still); const moved = pixels(); note("hopped");
  at("play").click();
  const out = document.createElement("pre"); out.id = "seen";
  out.textContent = JSON.stringify({ seen, drawn: bare !== still, moved: moved !== still,
    width: at("canvas").clientWidth,
    wide: document.documentElement.scrollWidth, view: innerWidth });
  document.body.append(out);
});
"""


def in_chromium(page: Path, folder: Path, size: str = "1100x900") -> tuple[str, str]:
    """The page's elements after a minute of its time, and what the console said."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--no-first-run",             "--proxy-server=127.0.0.1:9", f"--user-data-dir={folder / 'profile'}",
            f"--window-size={size.replace('x', ',')}",
            "--enable-logging=stderr", "--virtual-time-budget=60000", "--dump-dom", f"file://{page}",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=280,
    )  # fmt: skip
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("size", ["1100x900", "500x800"])
def test_in_a_browser(tmp_path: Path, size: str) -> None:
    run = imagined(random_trace(rate=0.5), ChipConfig.preset("demo", mesh="3x3"), partition="auto", wait=30)
    page = write_report(run, tmp_path, title="A run")
    text = page.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(DRIVER.encode()).digest()).decode()
    # The page's own rule permits one script more, and forbids all else as before.
    driven = text.replace("; script-src '", f"; script-src 'sha256-{digest}' '").replace(
        "</body>", f"<script>{DRIVER}</script></body>"
    )
    assert driven.count(digest) == 1
    page.write_text(driven, encoding="utf-8")
    elements, console = in_chromium(page, tmp_path, size)
    assert console == ""
    found = re.search(r'<pre id="seen">(.*?)</pre>', elements, re.S)
    assert found is not None
    result = json.loads(found[1])
    frames = {what: (frame, window, text) for what, frame, window, text in result["seen"]}
    assert frames["start"][0] >= 1
    assert frames["played"][0] > frames["start"][0]
    assert frames["played"][1] != frames["start"][1]
    assert frames["played"][2] != frames["start"][2]
    assert frames["back"][1:] == frames["start"][1:]
    assert "packets shown" in frames["packets"][2]
    assert frames["hopped"][0] > frames["packets"][0]
    assert result["drawn"]
    assert result["moved"]
    assert result["wide"] <= result["view"]  # nothing is cut off on a phone
    assert 200 < result["width"] <= result["view"]


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_page_as_it_is_runs_its_script_and_no_other(tmp_path: Path) -> None:
    run = imagined(random_trace(), ChipConfig.preset("demo"), partition="auto")
    page = write_report(run, tmp_path, title="A run")
    elements, console = in_chromium(page, tmp_path)
    assert console == ""
    assert re.search(r'<canvas id="motion-canvas"[^>]*data-frame="[1-9]', elements)
    assert re.search(r'<div id="motion-controls" class="controls">', elements)  # shown by the script
    foreign = page.read_text(encoding="utf-8").replace("</body>", "<script>document.title = 'mine'</script></body>")
    page.write_text(foreign, encoding="utf-8")
    elements, console = in_chromium(page, tmp_path)
    assert "<title>mine</title>" not in elements
    assert "Content Security Policy" in console


def test_same_run_same_script(tmp_path: Path) -> None:
    run = imagined(random_trace(), ChipConfig.preset("demo"))
    found, again = motion(run), motion(replace(run))
    assert found == again
    assert found is not None
    page = write_report(run, tmp_path, title="A run").read_text(encoding="utf-8")
    assert hashlib.sha256(re.findall(r"<script>(.*?)</script>", page, re.S)[-1].encode()).digest() == base64.b64decode(
        found.digest
    )
