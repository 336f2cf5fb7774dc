// The chip in motion: links and routers coloured by the flits of a window of time, and packets on their way.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("motion-data").textContent);
  const byId = (name) => document.getElementById(`motion-${name}`);
  const canvas = byId("canvas"), play = byId("play"), slider = byId("window"), packets = byId("packets"), text = byId("text");
  const pen = canvas.getContext("2d");
  const bytes = (coded) => Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
  const linkLevels = bytes(data.linkLevels), routerLevels = bytes(data.routerLevels);
  const PORTS = 5, WAY = [[0, 0], [0, -1], [1, 0], [0, 1], [-1, 0]]; // LOCAL, NORTH, EAST, SOUTH, WEST as (x, y)
  const NAMES = ["", "north", "east", "south", "west"];
  const nodes = data.rows * data.cols;
  const WINDOWS_PER_SECOND = 10, CYCLES_PER_SECOND = 8, FRAME_MS = 40;
  let window_ = data.busiest, cycle = 0, timer = 0, before = 0, dark = false, unit = 1;

  // Where things are, in units of the distance between two routers; y points down, that is south.
  const place = (router) => {
    const node = router % nodes, hub = router >= nodes ? 0.45 : 0;
    return [node % data.cols + hub, Math.floor(node / data.cols) + hub];
  };
  const margin = data.hubs ? 0.75 : 0.6;
  const toScreen = ([x, y]) => [(x + margin) * unit, (y + margin) * unit];

  const blend = (stops, part) => {
    const at = Math.min(Math.max(part, 0), 1) * (stops.length - 1), low = Math.min(Math.floor(at), stops.length - 2);
    const mix = stops[low].map((from, i) => Math.round(from + (stops[low + 1][i] - from) * (at - low)));
    return `rgb(${mix.join(",")})`;
  };
  const LIGHT = { links: [[242, 194, 136], [224, 123, 57], [178, 51, 31], [92, 10, 18]], idle: "#d5dae0", edge: "#5b6673",
    routers: [[241, 245, 249], [156, 195, 222], [47, 127, 181], [8, 58, 102]], packet: "#1f2933", ring: "#ffffff" };
  const DARK = { links: [[110, 62, 24], [190, 96, 38], [240, 146, 84], [255, 224, 190]], idle: "#3a4550", edge: "#9aa7b4",
    routers: [[34, 43, 53], [38, 84, 122], [76, 147, 201], [190, 226, 250]], packet: "#ffffff", ring: "#12171d" };

  const arrow = (from, to, width, colour) => {
    const [x0, y0] = toScreen(from), [x1, y1] = toScreen(to);
    const length = Math.hypot(x1 - x0, y1 - y0), ax = (x1 - x0) / length, ay = (y1 - y0) / length;
    const side = 0.1 * unit, head = Math.min(0.35 * length, 2.2 * width + 2);
    const first = [x0 - ay * side, y0 + ax * side], last = [x1 - ay * side, y1 + ax * side];
    pen.fillStyle = colour;
    pen.beginPath();
    const corner = (along, aside, end) => pen.lineTo(end[0] + ax * along - ay * aside, end[1] + ay * along + ax * aside);
    corner(0, -width / 2, first); corner(-head, -width / 2, last); corner(-head, -width, last); corner(0, 0, last);
    corner(-head, width, last); corner(-head, width / 2, last); corner(0, width / 2, first);
    pen.fill();
  };

  const drawMesh = (colours) => {
    const row = data.linksOverTime ? window_ : 0;
    data.links.forEach((output, number) => {
      const router = Math.floor(output / PORTS), port = output % PORTS, from = place(router);
      let to;
      if (port === 0) to = place(router >= nodes ? router - nodes : router + nodes); // between a hub and its router
      else to = [from[0] + WAY[port][0], from[1] + WAY[port][1]];
      const gap = 0.3, dx = to[0] - from[0], dy = to[1] - from[1], inset = port === 0 ? 0.34 : gap;
      const start = [from[0] + dx * inset, from[1] + dy * inset], end = [to[0] - dx * inset, to[1] - dy * inset];
      const level = linkLevels[row * data.links.length + number] / 255;
      arrow(start, end, level ? (0.03 + 0.09 * level) * unit : 0.015 * unit,
        level ? blend(colours.links, level) : colours.idle);
    });
    const routers = data.hubs ? 2 * nodes : nodes;
    for (let router = 0; router < routers; router++) {
      const side = (router >= nodes ? 0.2 : 0.5) * unit, [x, y] = toScreen(place(router));
      pen.fillStyle = blend(colours.routers, routerLevels[window_ * routers + router] / 255);
      pen.strokeStyle = colours.edge;
      pen.lineWidth = Math.max(0.5, unit / 90);
      pen.fillRect(x - side / 2, y - side / 2, side, side);
      pen.strokeRect(x - side / 2, y - side / 2, side, side);
    }
  };

  // Packets of the window: [neuron, way, created, injected, delivered, late], and where each is in a cycle.
  const sample = () => data.packets[window_];
  const leaves = (packet, step) => {
    const [, way, , injected, delivered] = packet, offsets = data.ways[way][1];
    return injected + Math.floor((offsets[step] * (delivered - injected)) / offsets[offsets.length - 1]);
  };
  // Cycles from a router to the next; where ways are not known, from the first to the last in a straight line.
  const span = (packet, step) => {
    const offsets = data.ways[packet[1]][1];
    return data.linksOverTime ? offsets[step + 1] - offsets[step] : Math.max(1, packet[4] - leaves(packet, step));
  };
  const position = (packet, now) => {
    const [, way, created, injected, delivered] = packet, routers = data.ways[way][0];
    if (now < created || now > delivered + 1) return null;
    if (now < injected) return { at: place(routers[0]), queued: true };
    let step = 0;
    while (step < routers.length - 1 && now >= leaves(packet, step) + span(packet, step)) step++;
    const from = place(routers[step]), left = step < routers.length - 1 ? leaves(packet, step) : Infinity;
    if (now < left) return { at: from, queued: false };
    const to = place(routers[step + 1]), part = Math.min(1, (now - left) / span(packet, step));
    return { at: [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part], queued: false };
  };
  const drawPackets = (colours) => {
    let shown = 0;
    sample().forEach((packet, number) => {
      const where = position(packet, cycle);
      if (!where) return;
      shown++;
      // A few places around the middle of a router, so that packets that wait there can be told apart.
      const turn = (number * 2.4) % 6.283, [x, y] = toScreen(where.at);
      const cx = x + 0.12 * unit * Math.cos(turn), cy = y + 0.12 * unit * Math.sin(turn);
      pen.beginPath();
      pen.arc(cx, cy, Math.max(2.5, 0.07 * unit), 0, 6.2832);
      pen.lineWidth = Math.max(1, 0.02 * unit);
      pen.strokeStyle = packet[5] ? "#d55e00" : colours.packet;
      pen.fillStyle = where.queued ? colours.ring : packet[5] ? "#d55e00" : colours.packet;
      pen.fill();
      pen.stroke();
    });
    return shown;
  };

  const number = (value) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(2));
  const describe = (shown) => {
    const first = window_ * data.window, last = Math.min(first + data.window, data.cycles) - 1;
    const time = data.msPerCycle ? ` (from ${(first * data.msPerCycle).toLocaleString("en")} ms)` : "";
    let words = `Cycles ${first.toLocaleString("en")} to ${last.toLocaleString("en")}${time}: ` +
      `${data.entered[window_].toLocaleString("en")} flits entered the network`;
    if (data.linksOverTime && data.links.length) {
      let best = 0;
      data.links.forEach((_, i) => {
        if (linkLevels[window_ * data.links.length + i] > linkLevels[window_ * data.links.length + best]) best = i;
      });
      const level = linkLevels[window_ * data.links.length + best];
      if (level) {
        const router = Math.floor(data.links[best] / PORTS), port = data.links[best] % PORTS, node = router % nodes;
        const name = port ? NAMES[port] : router >= nodes ? "from the hub up" : "down to the hub";
        words += `; busiest link (${Math.floor(node / data.cols)},${node % data.cols}) ${name}, about ` +
          `${number((level / 255) * data.linkTop)} flits/cycle`;
      }
    }
    if (packets.checked) words += `. Cycle ${Math.floor(cycle).toLocaleString("en")}: ${shown} of ${sample().length} packets shown`;
    return `${words}.`;
  };

  const draw = () => {
    const colours = dark ? DARK : LIGHT;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    drawMesh(colours);
    const shown = packets.checked ? drawPackets(colours) : 0;
    text.textContent = describe(shown);
    slider.value = window_;
    slider.setAttribute("aria-valuetext", `cycles from ${window_ * data.window}`);
    canvas.dataset.frame = Number(canvas.dataset.frame || 0) + 1;
  };

  const resize = () => {
    const width = Math.min(canvas.parentElement.clientWidth, data.cols * 110 + 140) || 300;
    const ratio = globalThis.devicePixelRatio || 1;
    const across = data.cols - 1 + 2 * margin, down = data.rows - 1 + 2 * margin;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${(width * down) / across}px`;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round((width * ratio * down) / across);
    unit = canvas.width / across;
    draw();
  };

  const rewind = () => {
    cycle = Math.min(...sample().map((packet) => packet[2]));
    if (!Number.isFinite(cycle)) cycle = window_ * data.window;
  };
  const show = (next) => { window_ = (next + data.windows) % data.windows; rewind(); };

  // With packets, time goes on cycle by cycle and leaps over cycles in which none of them moves.
  const nextCycle = (seconds) => {
    let now = cycle + seconds * CYCLES_PER_SECOND;
    const under = (at) => sample().some((packet) => packet[3] <= at && at <= packet[4] + 1);
    if (!under(now)) {
      const ahead = sample().map((packet) => packet[3]).filter((entered) => entered > cycle);
      if (!ahead.length) return show(window_ + 1);
      now = Math.max(now, Math.min(...ahead) - 0.5);
    }
    cycle = now;
    return undefined;
  };
  let rest = 0;
  const tick = () => {
    const now = performance.now(), seconds = Math.min(0.2, (now - before) / 1000);
    before = now;
    if (packets.checked) nextCycle(seconds);
    else {
      rest += seconds * WINDOWS_PER_SECOND;
      if (rest >= 1) { show(window_ + Math.floor(rest)); rest %= 1; }
    }
    draw();
    timer = setTimeout(tick, FRAME_MS);
  };
  const setPlaying = (playing) => {
    clearTimeout(timer);
    play.setAttribute("aria-pressed", String(playing));
    play.textContent = playing ? "Pause" : "Play";
    if (playing) { before = performance.now(); timer = setTimeout(tick, FRAME_MS); }
  };

  play.addEventListener("click", () => setPlaying(play.getAttribute("aria-pressed") !== "true"));
  slider.addEventListener("input", () => { show(Number(slider.value)); draw(); });
  packets.addEventListener("change", () => { rewind(); draw(); });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const recolour = (isDark) => { dark = isDark; draw(); };
  scheme.addEventListener("change", () => recolour(scheme.matches));
  addEventListener("resize", resize);
  addEventListener("beforeprint", () => { setPlaying(false); recolour(false); });
  addEventListener("afterprint", () => recolour(scheme.matches));
  dark = scheme.matches;
  byId("controls").hidden = false;
  rewind();
  resize();
})();
