/* The page of a report: filters, tables and links; charts.js makes what is drawn.
 *
 * What is shown is in the address (#collector=stw,concurrent&workload=…), so that a view can be sent
 * to somebody. Every change draws all panels anew; a later change ends an earlier drawing. The root
 * element's data-state is `drawing` or `ready`, and data-errors counts what went wrong: tests wait for
 * the one and look at the other.
 */
"use strict";

(() => {
  const charts = tricolorCharts;
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const all = data.configurations.filter((each) => !each.is_floor);
  const floor = data.configurations.find((each) => each.is_floor && each.percentiles) || null;
  root.dataset.errors = 0;
  const fail = (what) => {
    root.dataset.errors = Number(root.dataset.errors) + 1;
    console.error(what);
  };
  window.addEventListener("error", (event) => fail(event.message));

  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties))
      if (name in element && name !== "list") element[name] = value;
      else element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  /* --- what is shown ---------------------------------------------------------------------------- */

  const dimensions = {
    collector: { of: (each) => each.collector },
    workload: { of: (each) => each.workload },
    heap: { of: charts.heapName },
    barrier: { of: (each) => each.barrier },
  };
  const values = {};
  const chosen = {};
  for (const [name, dimension] of Object.entries(dimensions)) {
    values[name] = [...new Set(all.map(dimension.of))];
    chosen[name] = new Set(values[name]);
  }
  const hasSeveralBarriers = values.collector.some((collector) => new Set(all.filter((each) => each.collector === collector).map((each) => each.barrier)).size > 1);
  values.heap.sort((a, b) => heapOrder(a) - heapOrder(b));

  function heapOrder(name) {
    const one = all.find((each) => charts.heapName(each) === name);
    return one.heap_multiple === null ? one.heap_bytes : one.heap_multiple;
  }

  /* Of a sweep, one heap to begin with: that nearest to twice the least. */
  const middleHeap = () => values.heap.reduce((best, name) =>
    (Math.abs(Math.log(heapOrder(name) / 2)) < Math.abs(Math.log(heapOrder(best) / 2)) ? name : best));
  const isSweep = values.heap.length > 2 && all.every((each) => each.heap_multiple !== null);
  const defaultHeaps = new Set(isSweep ? [middleHeap()] : values.heap);
  chosen.heap = new Set(defaultHeaps);

  const choices = { timeline: null, pacing: null, longest: null, from: null, to: null };

  function readAddress() {
    const asked = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    for (const name of Object.keys(dimensions)) {
      const wanted = (asked.get(name) || "").split(",").filter((value) => values[name].includes(value));
      if (wanted.length > 0) chosen[name] = new Set(wanted);
    }
  }

  function writeAddress() {
    const parameters = Object.keys(dimensions)
      .filter((name) => chosen[name].size < values[name].length)
      .map((name) => `${name}=${[...chosen[name]].map(encodeURIComponent).join(",")}`);
    history.replaceState(null, "", parameters.length > 0 ? `#${parameters.join("&")}` : location.pathname);
  }

  const passes = (each, name) => chosen[name].has(dimensions[name].of(each));

  /* In more panels than that the floor would be most of what is drawn. */
  const floorPanelsMax = 24;
  const groupCount = (shown) => new Set(shown.map(charts.groupName)).size;

  function currentView() {
    const anyHeap = all.filter((each) => passes(each, "collector") && passes(each, "workload") && passes(each, "barrier"));
    const anyCollector = all.filter((each) => each.measures && passes(each, "workload") && passes(each, "heap") && passes(each, "barrier"));
    const shown = anyHeap.filter((each) => passes(each, "heap"));
    const pick = (list, slug) => list.find((each) => each.slug === slug) || list[0] || null;
    const withTimeline = shown.filter((each) => each.timeline);
    const withPacing = shown.filter((each) => each.pacing);
    const withLongest = shown.filter((each) => each.longest).sort((a, b) => b.longest.wall_ns - a.longest.wall_ns);
    const names = charts.looks(anyCollector).map((each) => each.name);
    const from = names.includes(choices.from) ? choices.from : names.find((name) => /^stw( |$)/.test(name)) || names[0];
    const preferred = names.find((name) => name !== from && /^concurrent( |$)/.test(name)) || names.find((name) => name !== from && !/^epsilon/.test(name)) || names.find((name) => name !== from);
    return {
      data, anyHeap, anyCollector, shown, withTimeline, withPacing, withLongest, names,
      floor: groupCount(shown) > floorPanelsMax ? null : floor,
      chosen: pick(withTimeline, choices.timeline), paced: pick(withPacing, choices.pacing), longest: pick(withLongest, choices.longest),
      from, to: names.includes(choices.to) && choices.to !== from ? choices.to : preferred,
    };
  }

  /* --- filters ---------------------------------------------------------------------------------- */

  function buildFilters() {
    for (const name of Object.keys(dimensions)) {
      const field = document.getElementById(`filter-${name}`);
      for (const value of values[name]) {
        const box = make("input", { type: "checkbox", checked: chosen[name].has(value), value, name });
        box.addEventListener("change", () => {
          if (box.checked) chosen[name].add(value);
          else chosen[name].delete(value);
          update();
        });
        const one = all.find((each) => dimensions[name].of(each) === value);
        const swatch = name === "collector" ? [make("span", { className: "swatch", style: `background:${one.color}`, "data-collector": value })] : [" "];
        field.append(make("label", {}, box, ...swatch, value));
      }
      field.hidden = name === "barrier" ? !hasSeveralBarriers : values[name].length < 2;
    }
    document.getElementById("filter-all").addEventListener("click", () => {
      for (const name of Object.keys(dimensions)) chosen[name] = new Set(values[name]);
      for (const box of document.querySelectorAll("#filters input")) box.checked = true;
      update();
    });
    if (matchMedia("(max-width: 40rem)").matches || document.querySelectorAll("#filters fieldset:not([hidden]) label").length > 24)
      document.getElementById("filters").open = false;
  }

  function sayFilter(view) {
    const said = Object.keys(dimensions).filter((name) => chosen[name].size < values[name].length)
      .map((name) => `${chosen[name].size} of ${values[name].length} ${name}s`);
    document.getElementById("filter-state").textContent = said.length > 0
      ? `: ${said.join(", ")} shown${view.shown.length === 0 ? ", which no trial has" : ""}` : `: all ${all.length} configurations shown`;
  }

  /* --- sections --------------------------------------------------------------------------------- */

  const select = (label, options, current, onChange) => {
    const list = make("select", {}, ...options.map(([value, text]) => make("option", { value, textContent: text, selected: value === current })));
    list.addEventListener("change", () => onChange(list.value));
    return make("label", {}, `${label} `, list);
  };

  const trialChoice = (list, current, key, word) => [select("Trial", list.map((each) => [each.slug, word(each)]), current && current.slug, (value) => {
    choices[key] = value;
    update(key);
  })];

  const sections = [
    { id: "cost", title: "What shorter pauses cost", draw: charts.cost, legend: true,
      note: "Lower is shorter pauses, further left is less CPU time. Each point is the median across trials of one collector on one workload." },
    { id: "percentiles", title: "Pauses by percentile", draw: charts.percentiles, legend: true,
      note: "All pauses of all trials; a percentile is drawn with ten pauses or more beyond it, and the largest last. Grey is the platform floor: what this machine alone did to a thread without a heap." },
    { id: "histograms", title: "Pauses by kind", draw: charts.histograms, legend: true,
      note: "How many pauses of which length, in tenths of a decade, a row for each kind." },
    { id: "utilisation", title: "Utilisation", draw: charts.utilisation, legend: true,
      note: "The least share of any window of a length that was left to the program (MMU, dotted), and of any window of that length or longer (BMU). The mutators' view counts the thread that was paused most, the processors' view also what collector threads take. Medians across trials." },
    { id: "latency", title: "Latency of requests", draw: charts.latency, legend: true,
      note: "Medians across trials, the largest of all last. Metered latency counts what a request would have waited had requests come evenly over the window; from arrival is what was felt where requests came by themselves." },
    { id: "space", title: "Time over space", draw: charts.space, legend: true,
      note: `Means across invocations; bands are 95 % intervals, where there are at least ${data.intervals_from} invocations. All heap sizes are shown, whatever the filter says of heaps.` },
    { id: "overhead", title: "Lower-bound overhead", draw: charts.overhead, legend: true,
      note: "What a configuration costs, over the least that its workload can cost by itself: the smallest cost of all configurations less what is certainly the collector's. The true overhead is at least this. All heap sizes are shown." },
    { id: "timeline", title: "Memory and pauses over time", draw: charts.timeline,
      note: "The trial with the configuration's longest pause. Of each stretch of time the longest pause, the fullest and the emptiest moment are drawn. RSS is all that the process holds; heap total is committed for objects, heap used also counts what has died and is not found dead yet; external are backing stores outside the heap; metadata is what the collector needs beside it. Shaded: cycles of the old generation.",
      controls: (view) => trialChoice(view.withTimeline, view.chosen, "timeline", (each) => `${charts.groupName(each)}: ${each.name}`) },
    { id: "longest", title: "Why was this the longest pause?", draw: charts.longest, before: explainLongest,
      controls: (view) => trialChoice(view.withLongest, view.longest, "longest", (each) => `${charts.duration(each.longest.wall_ns)} ${each.longest.kind}, ${charts.groupName(each)}: ${each.name}`) },
    { id: "pacing", title: "Pacing of marking", draw: charts.pacing,
      note: "The trial with the configuration's longest pause. Drawn while cycles mark: of each stretch of time the moment with the largest debt.",
      controls: (view) => trialChoice(view.withPacing, view.paced, "pacing", (each) => `${charts.groupName(each)}: ${each.name}`) },
    { id: "waterfall", title: "Where the time went", draw: charts.waterfall,
      note: "CPU time of an average trial, from one collector to another: what moved out of the stops is seen again where it went.",
      controls: (view) => ["from", "to"].map((end) => select(end === "from" ? "From" : "To", view.names.map((name) => [name, name]), view[end], (value) => {
        choices[end] = value;
        update("waterfall");
      })) },
    { id: "barriers", title: "Barriers and collectors", draw: charts.barriers,
      note: "Geometric means over the workloads and heaps shown, of medians across trials, relative to the baseline of each." },
  ];

  function buildSections() {
    const host = document.getElementById("sections");
    host.append(make("section", { id: "overview", "aria-labelledby": "overview-title" },
      make("h2", { id: "overview-title", textContent: "Overview" }), make("div", { className: "scroll" }, make("table", { id: "overview-table" }))));
    for (const section of sections) {
      section.element = make("section", { id: section.id, "aria-labelledby": `${section.id}-title` },
        make("h2", { id: `${section.id}-title`, textContent: section.title }), ...(section.note ? [make("p", { className: "note", textContent: section.note })] : []),
        make("div", { className: "controls" }), make("div", { className: "explanation" }), make("ul", { className: "legend" }), make("div", { className: "panels" }));
      host.append(section.element);
    }
  }

  function buildContents() {
    const list = document.getElementById("contents");
    list.replaceChildren(...[...document.querySelectorAll("main section")].filter((section) => !section.hidden)
      .map((section) => {
        const link = make("a", { href: `#${section.id}`, textContent: section.querySelector("h2").textContent });
        link.addEventListener("click", (event) => { // the address keeps what is shown
          event.preventDefault();
          section.scrollIntoView();
          section.querySelector("h2").tabIndex = -1;
          section.querySelector("h2").focus({ preventScroll: true });
        });
        return make("li", {}, link);
      }));
  }

  function legendItem(each) {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    line.setAttribute("width", 26);
    line.setAttribute("height", 10);
    line.setAttribute("aria-hidden", "true");
    line.innerHTML = `<line x1="0" y1="5" x2="26" y2="5" stroke-width="2.5"></line><path transform="translate(13 5)"></path>`;
    line.firstChild.setAttribute("stroke", each.color);
    line.firstChild.setAttribute("stroke-dasharray", charts.dashOf(each).join(" "));
    line.lastChild.setAttribute("fill", each.color);
    line.lastChild.setAttribute("d", charts.markerPaths[each.marker]);
    return make("li", {}, line, each.name);
  }

  /* --- panels ----------------------------------------------------------------------------------- */

  function save(name, type, text) {
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const quoted = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };

  function csvOf(rows) {
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return `${[names, ...rows.map((row) => names.map((name) => row[name]))].map((row) => row.map(quoted).join(",")).join("\n")}\n`;
  }

  const fileName = (section, panel) => `${section.id}-${panel.title}`.toLowerCase().replace(/[^a-z0-9.]+/g, "-").replace(/-+$/, "");

  const isDark = () => root.dataset.theme === "dark";

  function config() {
    const ink = isDark() ? "#e8eaee" : "#1a1d23";
    const line = isDark() ? "#363d48" : "#dfe3e9";
    return {
      customFormatTypes: true,
      background: isDark() ? "#14171c" : "#ffffff",
      font: "system-ui, 'DejaVu Sans', sans-serif",
      view: { stroke: null },
      axis: { labelColor: ink, titleColor: ink, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 11, titleFontSize: 11 },
      legend: { labelColor: ink, titleColor: ink, labelFontSize: 11, symbolBaseFillColor: ink, symbolBaseStrokeColor: ink },
      header: { labelColor: ink, titleColor: ink, labelFontSize: 11 },
    };
  }

  /* Room for axes has to be left by hand where a chart has several parts. */
  function sized(panel, width) {
    const spec = structuredClone(panel.spec);
    const inner = Math.max(160, width - 72);
    if (spec.vconcat) spec.vconcat.forEach((part) => { part.width = inner; });
    else if (spec.spec) spec.spec.width = inner;
    else spec.width = width;
    const autosize = panel.isFaceted ? { type: "pad" } : { type: "fit-x", contains: "padding" };
    return { description: `${panel.title}. ${panel.description}`, autosize, data: { values: panel.rows }, ...spec };
  }

  /* The frame of a panel: all of a section's are there before the first is drawn, so that each has its width. */
  function frame(panel) {
    const figure = make("figure", {}, make("figcaption", {}, make("h3", { textContent: panel.title }), make("span", { className: "saves" })),
      make("div", { className: "chart", role: "img", "aria-label": `${panel.title}. ${panel.description}` }));
    figure.dataset.marks = panel.rows.length;
    return figure;
  }

  async function drawPanel(section, panel, figure, drawing) {
    const chart = figure.querySelector(".chart");
    const saves = figure.querySelector(".saves");
    const width = chart.clientWidth || 600;
    try {
      const result = await vegaEmbed(chart, sized(panel, width), { mode: "vega-lite", renderer: "svg", actions: false, config: config(), tooltip: { theme: isDark() ? "dark" : "light" }, logLevel: vega.Error });
      if (drawing.isOver) return result.finalize();
      section.views.push(result);
      const svg = make("button", { type: "button", textContent: "SVG", "aria-label": `Save as SVG: ${panel.title}` });
      svg.addEventListener("click", async () => save(`${fileName(section, panel)}.svg`, "image/svg+xml", await result.view.toSVG()));
      const csv = make("button", { type: "button", textContent: "CSV", "aria-label": `Save the data as CSV: ${panel.title}` });
      csv.addEventListener("click", () => save(`${fileName(section, panel)}.csv`, "text/csv", csvOf(panel.rows)));
      saves.append(svg, csv);
    } catch (error) {
      fail(`${section.id}, ${panel.title}: ${error.message}`);
    }
    return null;
  }

  async function drawSection(section, view, drawing) {
    const part = (name) => section.element.querySelector(`.${name}`);
    const panels = section.draw(view);
    (section.views || []).forEach((result) => result.finalize());
    section.views = [];
    section.element.hidden = panels.length === 0;
    part("controls").replaceChildren(...(section.controls ? section.controls(view) : []));
    part("explanation").replaceChildren(...(section.before ? section.before(view) : []));
    part("legend").replaceChildren(...(section.legend ? charts.looks(["space", "overhead"].includes(section.id) ? view.anyHeap : view.shown).map(legendItem) : []));
    const host = part("panels");
    host.className = `panels${panels.some((panel) => panel.wide) ? " wide" : ""}`;
    const figures = panels.map(frame);
    host.replaceChildren(...figures);
    for (const [index, panel] of panels.entries()) {
      if (drawing.isOver) return;
      await drawPanel(section, panel, figures[index], drawing);
    }
  }

  let drawing = { isOver: false };

  /* Draws all sections, or one. */
  async function update(only) {
    drawing.isOver = true;
    const own = { isOver: false };
    drawing = own;
    root.dataset.state = "drawing";
    const view = currentView();
    if (!only) writeAddress();
    sayFilter(view);
    fillFindings(view);
    fillOverview(view);
    for (const section of sections) {
      if (only && section.id !== only && section.isDrawn) continue;
      section.isDrawn = false;
      try {
        await drawSection(section, view, own);
      } catch (error) { // the other sections are still of use
        fail(`${section.id}: ${error.message}`);
      }
      if (own.isOver) return;
      section.isDrawn = true;
    }
    buildContents();
    root.dataset.state = "ready";
  }

  /* --- texts and tables ------------------------------------------------------------------------- */

  function explainLongest(view) {
    const each = view.longest;
    if (!each) return [];
    const pause = each.longest;
    const sentences = [`At ${charts.duration(pause.at_ns)} of trial ${pause.trial} a ${pause.kind.replaceAll("_", " ")} pause${pause.reason ? `, because of ${pause.reason.replaceAll("_", " ")},` : ""} lasted ${charts.duration(pause.wall_ns)}${pause.median_ns === null ? "" : `; half of that kind were shorter than ${charts.duration(pause.median_ns)}`}.`];
    if (pause.to_safepoint_ns > 0)
      sentences.push(`Until all threads had stopped it took ${charts.duration(pause.to_safepoint_ns)}.`);
    const lengths = new Map();
    for (const [phase, , begin, end] of pause.phases) {
      const known = lengths.get(phase) || [Infinity, 0];
      lengths.set(phase, [Math.min(known[0], begin), Math.max(known[1], end)]);
    }
    const shares = [...lengths].map(([phase, [begin, end]]) => [phase, end - begin]).sort((a, b) => b[1] - a[1]).slice(0, 3);
    if (shares.length > 0)
      sentences.push(`Most of it was ${shares.map(([phase, ns]) => `${phase} (${charts.duration(ns)}, ${Math.round((100 * ns) / pause.wall_ns)} %)`).join(", ")}.`);
    if (pause.cpu_ns !== null && pause.cpu_ns < pause.wall_ns) {
      const off = pause.wall_ns - pause.cpu_ns;
      sentences.push(`Its critical path was ${charts.duration(pause.cpu_ns)} of CPU time; the other ${charts.duration(off)} (${Math.round((100 * off) / pause.wall_ns)} %) the collector's threads did not run or waited for each other${off > pause.wall_ns / 2 ? ": this pause says more of the machine than of the collector" : ""}.`);
    }
    const did = [["survived_bytes", "survived in the nursery"], ["promoted_bytes", "promoted"], ["marked_bytes", "marked"], ["swept_bytes", "found dead"]]
      .filter(([key]) => pause[key] > 0).map(([key, words]) => `${charts.size(pause[key])} ${words}`);
    if (did.length > 0) sentences.push(`Work done: ${did.join(", ")}.`);
    return [make("p", { textContent: sentences.join(" ") })];
  }

  const cell = (text) => make("td", { className: "number", textContent: text });
  const head = (text, isNumber) => make("th", { scope: "col", className: isNumber ? "number" : "", textContent: text });

  function fillOverview(view) {
    const columns = [["trials", null], ["wall", "wall_ns"], ["CPU", "cpu_ns"], ["pauses", null], ["p50", "p50_ns"], ["p99", "p99_ns"], ["p99.9", "p99_9_ns"], ["largest", "max_ns"], ["MMU 10 ms", "mmu_10ms"], ["peak heap", "peak_heap_bytes"]];
    const rows = view.shown.map((each) => {
      const done = each.trials.length;
      const total = Object.values(each.statuses).reduce((sum, count) => sum + count, 0);
      const name = make("th", { scope: "row" }, make("span", { className: "swatch", style: `background:${each.color}` }), each.name);
      const row = make("tr", {}, make("td", { textContent: charts.groupName(each) }), name, cell(done === total ? String(done) : `${done} of ${total}`));
      if (!each.measures) {
        row.append(make("td", { colSpan: columns.length - 1, textContent: `${Object.keys(each.statuses).join(", ")}: ${each.failure}` }));
        return row;
      }
      const pauses = each.kinds.all || {};
      const pause = (key) => (pauses[key] === null || pauses[key] === undefined ? "–" : charts.duration(pauses[key]));
      const share = charts.median(each, "mmu_10ms");
      row.append(cell(charts.duration(charts.median(each, "wall_ns"))), cell(charts.duration(charts.median(each, "cpu_ns"))), cell((pauses.count || 0).toLocaleString("en")),
        cell(pause("p50_ns")), cell(pause("p99_ns")), cell(pause("p99_9_ns")), cell(pause("max_ns")), cell(share === null ? "–" : `${Math.round(100 * share)} %`), cell(charts.size(charts.median(each, "peak_heap_bytes"))));
      return row;
    });
    document.getElementById("overview-table").replaceChildren(
      make("thead", {}, make("tr", {}, head("workload, heap"), head("collector"), ...columns.map(([text]) => head(text, true)))), make("tbody", {}, ...rows));
  }

  const comparisonsShown = 6;
  const targetsShown = 3;

  function fillHeader() {
    const manifest = data.manifest || {};
    const trials = data.configurations.reduce((sum, each) => sum + Object.values(each.statuses).reduce((a, b) => a + b, 0), 0);
    const few = (name) => (values[name].length <= 3 ? values[name].join(", ") : `${values[name].length} ${name}s`);
    document.getElementById("title").textContent = `${few("collector")} on ${few("workload")}`;
    document.title = `${few("collector")} on ${few("workload")} – Tricolor`;
    document.getElementById("subtitle").textContent = `${trials} trials${data.quick ? " with quick parameters" : ""}${manifest.started ? `, ${manifest.started.slice(0, 16).replace("T", " ")} UTC` : ""}${data.machines.length > 1 ? `, on ${data.machines.length} machines: comparisons pair trials of one, other figures are over all` : manifest.machine ? `, on ${data.cores} cores of ${manifest.machine.processor}` : ""}`;
    document.getElementById("footer").textContent = `Made by tricolor report${manifest.version ? `; the run by Tricolor ${manifest.version}` : ""}. This file is whole: it needs no network.`;
    const thinned = document.getElementById("thinned");
    thinned.textContent = data.thinned.length > 0 ? `Thinned, so that a browser can draw it: ${data.thinned.join(" ")} The run's files hold everything.` : "";
    thinned.hidden = data.thinned.length === 0;
  }

  /* --- findings --------------------------------------------------------------------------------- */

  /* Of the whole run while the filter shows all that a sentence was said of; then of each workload and heap that it shows. What
   * names no configuration holds whatever is shown. */
  function findingsOf(view) {
    const shown = new Set(view.shown);
    const anyHeap = new Set(view.anyHeap);
    const hasUsualHeaps = chosen.heap.size === values.heap.length || (chosen.heap.size === defaultHeaps.size && [...chosen.heap].every((heap) => defaultHeaps.has(heap)));
    const among = (finding, configurations) => finding.of.every((index) => configurations.has(data.configurations[index]));
    const sidesOf = (finding) => [...new Set(finding.of.map((index) => { const each = data.configurations[index]; return `${each.collector} ${each.barrier}`; }))].join(" against ");
    const whole = new Set();
    let hasLongest = false;
    return data.findings.filter((finding) => {
      if (!finding.of) return true;
      if (finding.kind === "longest") {
        const isFirst = !hasLongest && among(finding, shown);
        hasLongest ||= isFirst;
        return isFirst;
      }
      if (finding.kind !== "comparison") return among(finding, shown);
      if (finding.is_part) return !whole.has(sidesOf(finding)) && among(finding, shown);
      const holds = among(finding, hasUsualHeaps ? anyHeap : shown);
      if (holds) whole.add(sidesOf(finding));
      return holds;
    });
  }

  /* An option is one word, which a narrow screen does not break. */
  function sentence(text) {
    return text.split(/(--[a-z-]+(?:=\w+)?)/).map((part, place) => (place % 2 ? make("code", { textContent: part }) : part));
  }

  function fillFindings(view) {
    const items = findingsOf(view).map((finding) => {
      const item = make("li", {}, ...sentence(finding.text));
      item.dataset.kind = finding.kind;
      return item;
    });
    const beyond = (kind, count) => items.filter((item) => item.dataset.kind === kind).slice(count);
    const comparisons = beyond("comparison", comparisonsShown);
    const targets = beyond("target", targetsShown);
    const more = [...comparisons, ...targets];
    document.getElementById("finding-list").replaceChildren(...items.filter((item) => !more.includes(item)));
    const rest = document.getElementById("finding-rest");
    rest.hidden = more.length === 0;
    rest.replaceChildren(make("summary", { textContent: [[comparisons, "more comparisons"], [targets, "more pause targets"]].filter(([list]) => list.length > 0).map(([list, what]) => `${list.length} ${what}`).join(", ") }), make("ul", { className: "findings" }, ...more));
  }

  function fillEnvironment() {
    const rows = [];
    const add = (prefix, value) => {
      if (Array.isArray(value)) {
        if (value.length > 0) add(prefix, value.map((item) => (item !== null && typeof item === "object" ? Object.values(item).join(" ") : item)).join(", "));
      } else if (value !== null && typeof value === "object") for (const [name, inner] of Object.entries(value)) add(prefix ? `${prefix}, ${name}` : name, inner);
      else if (value !== null && value !== "") {
        const name = prefix.replaceAll("_", " ");
        const shown = name.endsWith(" bytes") ? charts.size(value) : name.endsWith(" ns") ? charts.duration(value) : String(value);
        rows.push(make("tr", {}, make("th", { scope: "row", textContent: name.replace(/ (bytes|ns)$/, "") }), make("td", { textContent: shown })));
      }
    };
    for (const machine of data.machines) add(`trials ${machine.trials} ran on`, `${machine.name} (${machine.machine.cores} cores of ${machine.machine.processor})`);
    add("", data.manifest || { manifest: "this run has none" });
    document.getElementById("environment-table").append(make("tbody", {}, ...rows));
  }

  function fillRaw() {
    const host = document.getElementById("raw-links");
    const link = (file, text = file) => make("li", {}, make("a", { href: encodeURI(data.links + file), textContent: text }));
    const number = (trial) => String(trial).padStart(4, "0");
    host.append(make("p", { className: "note", textContent: "Links lead to the run's own files, where the run lies." }), make("ul", {}, ...data.files.map((file) => link(file))));
    const trials = data.configurations.flatMap((each) => each.trials.map(([trial]) => [trial, each.slug])).sort((a, b) => a[0] - b[0]);
    host.append(make("details", {}, make("summary", { textContent: `Trials that count (${trials.length})` }), make("ul", {}, ...trials.map(([trial, slug]) => link(`trials/${number(trial)}.json`, `${number(trial)} ${slug}`)))));
    if (data.left_out.length > 0)
      host.append(make("p", { textContent: "Left out, because their files are damaged:" }), make("ul", {}, ...data.left_out.map((trial) => make("li", { textContent: `trial ${trial.trial}: ${trial.reason}` }))));
  }

  /* --- theme, paper, width ---------------------------------------------------------------------- */

  const systemDark = matchMedia("(prefers-color-scheme: dark)");

  function setTheme() {
    const wanted = document.getElementById("theme").value;
    const next = wanted === "auto" ? (systemDark.matches ? "dark" : "light") : wanted;
    if (root.dataset.theme === next) return false;
    root.dataset.theme = next;
    return true;
  }

  function listen() {
    const onTheme = () => { if (setTheme()) update(); };
    document.getElementById("theme").addEventListener("change", onTheme);
    systemDark.addEventListener("change", onTheme);
    document.getElementById("print").addEventListener("click", async () => {
      const theme = document.getElementById("theme");
      const before = theme.value;
      theme.value = "light"; // paper is white
      if (setTheme()) await update();
      print();
      theme.value = before;
      if (setTheme()) update();
    });
    window.addEventListener("beforeprint", () => { // paper has nothing to open
      for (const details of document.querySelectorAll("#findings details")) details.open = true;
    });
    let width = document.body.clientWidth;
    let waiting = 0;
    window.addEventListener("resize", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        if (Math.abs(document.body.clientWidth - width) < 20) return;
        width = document.body.clientWidth;
        update();
      }, 300);
    });
  }

  readAddress();
  setTheme();
  fillHeader();
  buildFilters();
  buildSections();
  fillEnvironment();
  fillRaw();
  listen();
  update();
})();
