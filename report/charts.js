/* The charts of a report: from the run's data to Vega-Lite specifications.
 *
 * Each chart is a function that gets what the filter shows and answers a list of panels: {title,
 * description, rows, spec}. `rows` is a flat table; the specification draws it and the button saves
 * it as CSV. Colours and dashes are those of the data, so that a collector looks the same everywhere.
 * Times are ns, sizes bytes, and are worded by the formats `duration` and `size`.
 */
"use strict";

const tricolorCharts = (() => {
  const three = (value) => String(Number(value.toPrecision(3)));

  function duration(ns) {
    if (ns === null || ns === undefined || Number.isNaN(Number(ns))) return "not known";
    const value = Number(ns);
    const size = Math.abs(value);
    if (size < 1e3) return `${three(value)} ns`;
    if (size < 1e6) return `${three(value / 1e3)} µs`;
    if (size < 1e9) return `${three(value / 1e6)} ms`;
    return `${three(value / 1e9)} s`;
  }

  function size(bytes) {
    if (bytes === null || bytes === undefined) return "not known";
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let value = Number(bytes);
    let unit = 0;
    while (Math.abs(value) >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return `${three(value)} ${units[unit]}`;
  }

  /* "p99.9" of a share of 0.001 beyond it. */
  const percentile = (beyond) => `p${Number((100 * (1 - beyond)).toPrecision(10))}`;
  const ratio = (value) => (value === null || value === undefined ? "not known" : `${three(value)}×`);

  vega.expressionFunction("duration", (value) => duration(value));
  vega.expressionFunction("count", (value) => (value < 1e4 ? String(value) : `${three(value / 1e3)}k`));
  vega.expressionFunction("size", (value) => size(value));
  vega.expressionFunction("percentile", (value) => percentile(value));

  const dashes = [[], [6, 4], [2, 3], [8, 3, 2, 3], [8, 3, 2, 3, 2, 3]];
  const dashOf = (configuration) => dashes[(configuration.dash - 1) % dashes.length];

  /* Markers as Vega draws them, within 9 by 9, for the legend. */
  const markerPaths = {
    circle: "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
    square: "M-3.5,-3.5h7v7h-7z",
    "triangle-up": "M0,-4.5l4.5,8h-9z",
    "triangle-down": "M0,4.5l4.5,-8h-9z",
    diamond: "M0,-4.5l4.5,4.5l-4.5,4.5l-4.5,-4.5z",
    cross: "M-1.4,-4.2h2.8v2.8h2.8v2.8h-2.8v2.8h-2.8v-2.8h-2.8v-2.8h2.8z",
  };

  /* --- shared parts of specifications --------------------------------------------------------- */

  const quiet = { labelOverlap: true, titleFontWeight: "normal" };
  const timeAxis = { ...quiet, formatType: "duration", tickCount: 6 };
  const logTime = { type: "log", nice: false, padding: 5 };

  function looks(configurations) {
    const byName = new Map();
    for (const each of configurations) if (!byName.has(each.name)) byName.set(each.name, each);
    return [...byName.values()];
  }

  function color(configurations) {
    const all = looks(configurations);
    return {
      field: "collector",
      type: "nominal",
      scale: { domain: all.map((each) => each.name), range: all.map((each) => each.color) },
      legend: null,
    };
  }

  function dash(configurations) {
    const all = looks(configurations);
    return {
      field: "collector",
      type: "nominal",
      scale: { domain: all.map((each) => each.name), range: all.map(dashOf) },
      legend: null,
    };
  }

  function shape(configurations) {
    const all = looks(configurations);
    return {
      field: "collector",
      type: "nominal",
      scale: { domain: all.map((each) => each.name), range: all.map((each) => each.marker) },
      legend: null,
    };
  }

  const time = (field, title) => ({ field, type: "quantitative", title, formatType: "duration" });
  const text = (field, title) => ({ field, type: "nominal", title });
  const plain = (field, title, format = ".3~g") => ({ field, type: "quantitative", title, format });
  const bytes = (field, title) => ({ field, type: "quantitative", title, formatType: "size" });

  /* Lines with wide invisible points on them, so that a value is easy to hit. */
  function hoverable(line, tooltip) {
    return [
      { mark: { type: "line", strokeWidth: 2, clip: true, ...line } },
      {
        mark: { type: "point", size: 90, opacity: 0, filled: true, clip: true },
        encoding: { tooltip, strokeDash: { value: [1, 0] } },
      },
    ];
  }

  /* Powers of ten within the values, and 2 and 5 times those where there are few. */
  function logTicks(values) {
    const known = values.filter((value) => value > 0);
    if (known.length === 0) return [];
    const least = Math.min(...known);
    const largest = Math.max(...known);
    const decades = Math.log10(largest / least);
    const ticks = [];
    for (let power = Math.floor(Math.log10(least)); power <= Math.log10(largest); power++)
      for (const digit of decades > 2.5 ? [1] : [1, 2, 5]) {
        const tick = Number(`${digit}e${power}`);
        if (tick >= least * 0.999 && tick <= largest * 1.001) ticks.push(tick);
      }
    return ticks;
  }

  /* From 0, whole steps of a power of two. */
  function sizeTicks(largest) {
    const step = 2 ** Math.ceil(Math.log2(Math.max(largest, 1) / 5));
    return Array.from({ length: Math.floor(largest / step) + 1 }, (_, index) => index * step);
  }

  const logTimeAxis = (rows, field) => ({ ...timeAxis, values: logTicks(rows.map((row) => row[field])) });

  /* --- groups ----------------------------------------------------------------------------------- */

  const heapName = (configuration) =>
    configuration.heap_multiple === null ? size(configuration.heap_bytes) : `${three(configuration.heap_multiple)}×`;

  const groupName = (configuration) => `${configuration.workload}, ${size(configuration.heap_bytes)}${
    configuration.heap_multiple === null ? "" : ` (${heapName(configuration)})`}`;

  /* Configurations by a key, in the order in which the run has them. */
  function groups(configurations, key) {
    const found = new Map();
    for (const each of configurations) {
      const name = key(each);
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(each);
    }
    return found;
  }

  const finished = (view) => view.shown.filter((each) => each.measures);

  /* What ratios are taken to: stw where the group has it. */
  const baselineOf = (group) => group.find((each) => each.collector === "stw") || group[0];

  const median = (configuration, measure) => {
    const found = configuration.measures && configuration.measures[measure];
    return found && found.median !== undefined ? found.median : null;
  };

  /* A panel for each workload and heap; `make` answers null where there is nothing to draw. */
  function perGroup(view, make) {
    const panels = [];
    for (const [title, group] of groups(finished(view), groupName)) {
      const panel = make(group, title);
      if (panel) panels.push({ title, ...panel });
    }
    return panels;
  }

  /* --- pauses ----------------------------------------------------------------------------------- */

  function cost(view) {
    const rows = [];
    for (const group of groups(finished(view), groupName).values()) {
      const all = view.data.configurations.filter((each) => each.measures && groupName(each) === groupName(group[0]));
      const baseline = baselineOf(all);
      for (const each of group) {
        const pauses = each.kinds && each.kinds.all;
        const tail = pauses && (pauses.p99_ns === null ? pauses.max_ns : pauses.p99_ns);
        const cpu = median(each, "cpu_ns");
        if (!tail || !cpu || !median(baseline, "cpu_ns")) continue;
        rows.push({
          collector: each.name,
          workload: each.workload,
          heap: size(each.heap_bytes),
          baseline: baseline.name,
          cpu_ratio: cpu / median(baseline, "cpu_ns"),
          wall_ratio: median(each, "wall_ns") / median(baseline, "wall_ns"),
          tail_ns: tail,
          percentile: pauses.p99_ns === null ? "largest" : "p99",
          largest_ns: pauses.max_ns,
        });
      }
    }
    if (new Set(rows.map((row) => row.collector)).size < 2) return [];
    return [{
      title: "Pause and price, a point for each workload and heap",
      description: "Points: CPU time relative to the baseline against the 99th percentile of pauses, by collector.",
      wide: true,
      rows,
      spec: {
        height: 300,
        layer: [
          { data: { values: [{ one: 1 }] }, mark: { type: "rule", strokeDash: [3, 3], color: "#999" }, encoding: { x: { field: "one", type: "quantitative" } } },
          {
            mark: { type: "point", size: 110, filled: true, opacity: 0.85, stroke: "white", strokeWidth: 0.6 },
            encoding: {
              x: { field: "cpu_ratio", type: "quantitative", title: `CPU time, times that of ${rows[0].baseline}`, scale: { zero: false, padding: 24 }, axis: { ...quiet, tickCount: 6 } },
              y: { field: "tail_ns", type: "quantitative", title: "pause p99 (largest where too few)", scale: { type: "log", padding: 15 }, axis: logTimeAxis(rows, "tail_ns") },
              color: color(finished(view)),
              shape: { field: "workload", type: "nominal", legend: { orient: "bottom", title: null, columns: 4 } },
              tooltip: [text("collector", "collector"), text("workload", "workload"), text("heap", "heap"), time("tail_ns", "pause"), text("percentile", "which"),
                time("largest_ns", "largest pause"), plain("cpu_ratio", "CPU, ratio"), plain("wall_ratio", "wall, ratio")],
            },
          },
          ...(rows.length > 20 ? [] : [{ // few enough to be named
            mark: { type: "text", align: "left", dx: 9, dy: -6, fontSize: 10, color: "#888888" },
            encoding: { x: { field: "cpu_ratio", type: "quantitative" }, y: { field: "tail_ns", type: "quantitative" }, text: { field: "collector" } },
          }]),
        ],
      },
    }];
  }

  function percentiles(view) {
    return perGroup(view, (group) => {
      const curves = view.floor ? [...group, view.floor] : group;
      const rows = curves.flatMap((each) => (each.percentiles || []).filter(([, ns]) => ns > 0).map(([beyond, ns], index, all) => ({
        collector: each.name, percentile: index === all.length - 1 ? "largest" : percentile(beyond), beyond, pause_ns: ns,
      })));
      if (rows.length === 0) return null;
      return {
        description: "Lines: pause length by percentile, one line for each collector, the platform floor in grey.",
        rows,
        spec: {
          height: 230,
          encoding: {
            x: { field: "beyond", type: "quantitative", title: "percentile of pauses", scale: { type: "log", reverse: true, nice: false },
              axis: { ...quiet, formatType: "percentile", values: [0.5, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6] } },
            y: { field: "pause_ns", type: "quantitative", title: "pause", scale: logTime, axis: logTimeAxis(rows, "pause_ns") },
            color: color(curves),
            strokeDash: dash(curves),
          },
          layer: hoverable({ interpolate: "monotone" }, [text("collector", "collector"), text("percentile", "percentile"), time("pause_ns", "pause")]),
        },
      };
    });
  }

  /* Bins without pauses between those with some count 0, so that a step falls. */
  function filled(each, kind) {
    const bins = each.kinds[kind].bins || [];
    const factor = bins.length > 0 ? bins[0][1] / bins[0][0] : 1;
    const rows = [];
    const add = (from, to, count) => rows.push({ collector: each.name, kind, from_ns: from, to_ns: to, count });
    bins.forEach(([from, to, count], index) => {
      const before = index > 0 ? bins[index - 1][1] : null;
      if (before === null) add(from / factor, from, 0);
      else if (before < from * 0.99) {
        add(before, before * factor, 0);
        add(from / factor, from, 0);
      }
      add(from, to, count);
      if (index === bins.length - 1) add(to, to * factor, 0);
    });
    return rows;
  }

  function histograms(view) {
    return perGroup(view, (group) => {
      const kinds = new Set(group.flatMap((each) => Object.keys(each.kinds).filter((kind) => each.kinds[kind].bins)));
      if (kinds.size === 2) kinds.delete("all"); // one kind is all there is
      const rows = [...kinds].flatMap((kind) => group.filter((each) => each.kinds[kind]).flatMap((each) => filled(each, kind)));
      if (rows.length === 0) return null;
      return {
        description: "Steps: how many pauses of which length, a row for each kind of pause, a colour for each collector.",
        rows,
        spec: {
          facet: { row: { field: "kind", type: "nominal", sort: [...kinds].sort((a, b) => (b === "all") - (a === "all")), title: null,
            header: { labelAngle: 0, labelAlign: "left", labelAnchor: "start", labelOrient: "top", labelPadding: 2 } } },
          spacing: 8,
          resolve: { scale: { y: "independent" } },
          spec: {
            height: 52,
            mark: { type: "area", interpolate: "step-after", fillOpacity: group.length > 4 ? 0.05 : 0.2, line: { strokeWidth: 1.5 }, clip: true },
            encoding: {
              x: { field: "from_ns", type: "quantitative", title: "pause", scale: logTime, axis: logTimeAxis(rows, "from_ns") },
              y: { field: "count", type: "quantitative", title: null, stack: null, scale: { type: "symlog" }, axis: { ...quiet, tickCount: 3, formatType: "count" } },
              color: color(group),
              tooltip: [text("collector", "collector"), text("kind", "kind"), time("from_ns", "from"), time("to_ns", "to"), plain("count", "pauses", ",")],
            },
          },
        },
        isFaceted: true,
      };
    });
  }

  function utilisation(view) {
    const views = [["the mutators' view", 1], ["the processors' view", 3]];
    return perGroup(view, (group) => ({ group })).flatMap(({ title, group }) => views.map(([name, at]) => {
      const curves = view.floor ? [...group, view.floor] : group;
      const rows = curves.flatMap((each) => (each.utilisation || []).flatMap((point) => [["MMU", at], ["BMU", at + 1]]
        .filter(([, place]) => point[place] !== null)
        .map(([curve, place]) => ({ collector: each.name, curve, window_ns: point[0], share: point[place] }))));
      if (rows.length === 0) return null;
      return {
        title: `${title}: ${name}`,
        description: `Lines: least share of any window of time left to the program (MMU) and of any window as long or longer (BMU), ${name}.`,
        rows,
        spec: {
          height: 190,
          encoding: {
            x: { field: "window_ns", type: "quantitative", title: "window", scale: logTime, axis: logTimeAxis(rows, "window_ns") },
            y: { field: "share", type: "quantitative", title: "share left", scale: { domain: [0, 1] }, axis: { ...quiet, format: "%", tickCount: 5 } },
            color: color(curves),
            detail: { field: "curve" },
            opacity: { field: "curve", type: "nominal", scale: { domain: ["MMU", "BMU"], range: [0.45, 1] }, legend: null },
            strokeDash: { field: "curve", type: "nominal", scale: { domain: ["MMU", "BMU"], range: [[3, 3], [1, 0]] }, legend: null },
          },
          layer: [
            { mark: { type: "line", strokeWidth: 2, clip: true } },
            { mark: { type: "point", size: 90, filled: true, clip: true },
              encoding: { opacity: { value: 0 }, tooltip: [text("collector", "collector"), text("curve", "curve"), time("window_ns", "window"), plain("share", "share left", ".1%")] } },
          ],
        },
      };
    }).filter((panel) => panel));
  }

  /* --- latency ---------------------------------------------------------------------------------- */

  const latencyNames = {
    simple: "from begin to end", metered_100ms: "metered over 100 ms", metered_full: "metered over the whole run",
    response: "from arrival to end", response_ordinary: "from arrival, ordinary requests",
  };

  /* Request latency, where the data have it: a panel for each way to look at it. */
  function latency(view) {
    return [...groups(finished(view), groupName)].flatMap(([title, group]) =>
      [...new Set(group.flatMap((each) => Object.keys(each.latency || {})))].map((metering) => {
        const rows = group.flatMap((each) => ((each.latency || {})[metering] || []).map(([beyond, ns], index, all) => ({
          collector: each.name, metering, percentile: index === all.length - 1 ? "largest" : percentile(beyond), beyond, latency_ns: ns })));
        return {
          title: `${title}: ${latencyNames[metering] || metering.replaceAll("_", " ")}`,
          description: "Lines: latency of requests by percentile, one line for each collector.",
          rows,
          spec: {
            height: 200,
            encoding: {
              x: { field: "beyond", type: "quantitative", title: "percentile of requests", scale: { type: "log", reverse: true, nice: false },
                axis: { ...quiet, formatType: "percentile", values: [0.5, 0.1, 0.01, 0.001, 1e-4, 1e-5] } },
              y: { field: "latency_ns", type: "quantitative", title: "latency", scale: logTime, axis: logTimeAxis(rows, "latency_ns") },
              color: color(group),
              strokeDash: dash(group),
            },
            layer: [
              { mark: { type: "point", filled: true, size: 40, opacity: 1, clip: true }, encoding: { shape: shape(group), strokeDash: { value: [1, 0] } } },
              ...hoverable({}, [text("collector", "collector"), text("percentile", "percentile"), time("latency_ns", "latency")]),
            ],
          },
        };
      }));
  }

  /* --- space and time --------------------------------------------------------------------------- */

  const heapAxis = (configurations) => configurations.every((each) => each.heap_multiple !== null);

  /* Every heap counts here, whatever the filter of heaps shows. */
  function space(view) {
    const panels = [];
    for (const [workload, all] of groups(view.anyHeap.filter((each) => each.measures), (each) => each.workload)) {
      const hasMultiples = heapAxis(all);
      if (new Set(all.map((each) => each.heap_bytes)).size < 2) continue;
      for (const [measure, title] of [["wall_ns", "wall time"], ["cpu_ns", "CPU time"]]) {
        const rows = all.map((each) => ({
          collector: each.name, workload, heap_multiple: each.heap_multiple, heap_bytes: each.heap_bytes, heap: size(each.heap_bytes),
          invocations: each.trials.length, mean_ns: each.measures[measure].mean, low_ns: each.measures[measure].low, high_ns: each.measures[measure].high,
        })).filter((row) => row.mean_ns !== undefined && row.mean_ns !== null);
        if (rows.length === 0) continue;
        const layer = [
          { mark: { type: "line", strokeWidth: 2 }, encoding: { strokeDash: dash(all) } },
              { mark: { type: "point", filled: true, size: 55, opacity: 1 }, encoding: { shape: shape(all) } },
          { mark: { type: "point", size: 120, opacity: 0 }, encoding: { tooltip: [text("collector", "collector"), bytes("heap_bytes", "heap"),
            time("mean_ns", "mean"), time("low_ns", "95 % from"), time("high_ns", "to"), plain("invocations", "invocations", "d")] } },
        ];
        if (rows.some((row) => row.low_ns !== null))
          layer.unshift({ transform: [{ filter: "isValid(datum.low_ns)" }], mark: { type: "errorband", opacity: 0.18 },
            encoding: { y: { field: "low_ns", type: "quantitative", title }, y2: { field: "high_ns" } } });
        panels.push({
          title: `${workload}: ${title}`,
          description: `Lines: ${title} by heap size, one line for each collector${rows.some((row) => row.low_ns !== null) ? ", bands are 95 % intervals" : ""}.`,
          rows,
          spec: {
            height: 230,
            encoding: {
              x: { field: hasMultiples ? "heap_multiple" : "heap_bytes", type: "quantitative", title: hasMultiples ? "heap, times the least the workload runs in" : "heap",
                scale: { type: "log", nice: false, padding: 8 }, axis: { ...quiet, values: [...new Set(rows.map((row) => (hasMultiples ? row.heap_multiple : row.heap_bytes)))].sort((a, b) => a - b),
                  ...(hasMultiples ? { format: ".3~g" } : { formatType: "size" }) } },
              y: { field: "mean_ns", type: "quantitative", title, scale: { zero: false, nice: true }, axis: timeAxis },
              color: color(all),
            },
            layer,
          },
        });
      }
    }
    return panels;
  }

  /* Lower-bound overhead over the heap, as points with whiskers where there is one heap. */
  function overhead(view) {
    const panels = [];
    for (const [workload, all] of groups(view.anyHeap.filter((each) => each.measures), (each) => each.workload)) {
      const hasMultiples = heapAxis(all);
      const isCurve = new Set(all.map((each) => each.heap_bytes)).size > 1;
      for (const [metric, title] of [["wall", "wall time"], ["cpu", "CPU time"]]) {
        const rows = all.filter((each) => each.overhead && each.overhead[metric]).map((each) => ({
          collector: each.name, workload, heap: isCurve && hasMultiples ? each.heap_multiple : each.heap_bytes, heap_bytes: each.heap_bytes,
          ratio: each.overhead[metric].ratio, low: each.overhead[metric].low, high: each.overhead[metric].high }));
        if (new Set(rows.map((row) => row.collector)).size < 2) continue;
        const y = { field: "ratio", type: "quantitative", title: "ratio, at least", scale: { zero: false, nice: true }, axis: quiet };
        const tooltip = [text("collector", "collector"), bytes("heap_bytes", "heap"), plain("ratio", "ratio"), plain("low", "95 % from"), plain("high", "to")];
        const whiskers = rows.some((row) => row.low !== null);
        panels.push({
          title: `${workload}: ${title}`,
          description: `${title} of each collector over the least that the workload can cost by itself.`,
          rows,
          spec: isCurve ? {
            height: 210,
            encoding: {
              x: { field: "heap", type: "quantitative", title: hasMultiples ? "heap, times the least the workload runs in" : "heap", scale: { type: "log", nice: false, padding: 8 },
                axis: { ...quiet, values: [...new Set(rows.map((row) => row.heap))].sort((a, b) => a - b), ...(hasMultiples ? { format: ".3~g" } : { formatType: "size" }) } },
              y, color: color(all),
            },
            layer: [
              ...(whiskers ? [{ transform: [{ filter: "isValid(datum.low)" }], mark: { type: "errorband", opacity: 0.18 }, encoding: { y: { ...y, field: "low" }, y2: { field: "high" } } }] : []),
              { mark: { type: "line", strokeWidth: 2 }, encoding: { strokeDash: dash(all) } },
              { mark: { type: "point", filled: true, size: 55, opacity: 1 }, encoding: { shape: shape(all) } },
              { mark: { type: "point", size: 120, opacity: 0 }, encoding: { tooltip } },
            ],
          } : {
            height: { step: 18 },
            encoding: { y: { field: "collector", type: "nominal", sort: null, title: null, axis: { labelLimit: 150 } }, color: color(all), tooltip },
            layer: [
              ...(whiskers ? [{ transform: [{ filter: "isValid(datum.low)" }], mark: { type: "rule", strokeWidth: 2 }, encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" } } }] : []),
              { mark: { type: "point", filled: true, size: 70, opacity: 1 }, encoding: { x: { ...y } } },
            ],
          },
        });
      }
    }
    return panels;
  }

  /* --- one trial -------------------------------------------------------------------------------- */

  function timeline(view) {
    const each = view.chosen;
    if (!each || !each.timeline) return [];
    const { use, sizes, memory = [], pauses, cycles, length_ns: length } = each.timeline;
    const of = (series, points) => points.filter(([, bytes]) => bytes !== null).map(([at, bytes]) => ({ series, time_ns: at, bytes }));
    const hasExternal = sizes.some((row) => row[3] > 0) || memory.some((row) => row[4] > 0);
    const limits = sizes.filter((row, index) => index === 0 || index === sizes.length - 1 || row[2] !== sizes[index - 1][2]);
    const rows = [
      ...of("RSS", memory.map(([at, rss]) => [at, rss])),
      ...of("heap limit", limits.map(([at, , limit]) => [at, limit])),
      ...of("heap total", [...sizes.map(([at, committed]) => [at, committed]), ...memory.map(([at, , total]) => [at, total])]),
      ...of("heap used", [...use, ...memory.map(([at, , , used]) => [at, used])]),
      ...(hasExternal ? of("external", [...sizes.map(([at, , , external]) => [at, external]), ...memory.map((row) => [row[0], row[4]])]) : []),
      ...of("metadata", memory.map((row) => [row[0], row[5]])),
      ...pauses.map(([at, kind, wall, cpu]) => ({ series: "pause", time_ns: at, kind: kind === "scavenge" ? "scavenge" : "other", what: kind, wall_ns: wall, cpu_ns: cpu })),
      ...cycles.map(([begin, end]) => ({ series: "cycle", time_ns: begin, end_ns: end })),
    ];
    const x = { field: "time_ns", type: "quantitative", title: null, scale: { domain: [0, length], nice: false }, axis: timeAxis };
    const band = {
      transform: [{ filter: "datum.series === 'cycle'" }],
      mark: { type: "rect", color: "#E69F00", opacity: 0.16 },
      encoding: { x, x2: { field: "end_ns" }, tooltip: [time("time_ns", "cycle begins"), time("end_ns", "marking ends")] },
    };
    const heapLooks = [["RSS", "#888888", [1, 0]], ["heap limit", "#888888", [1, 3]], ["heap total", "#888888", [5, 3]], ["heap used", each.color, [1, 0]],
      ["external", "#CC79A7", [8, 3, 2, 3]], ["metadata", "#7A5195", [2, 2]]].filter(([series]) => rows.some((row) => row.series === series));
    const heapSeries = heapLooks.map(([series]) => series);
    return [{
      title: `${groupName(each)}: ${each.name}, trial ${each.timeline.trial}`,
      description: "Above: memory over time: resident, the heap's limit, total and use, external and metadata. Below: pauses by length. Shaded: cycles of the old generation.",
      wide: true,
      rows,
      spec: {
        spacing: 12,
        vconcat: [
          { height: 230, layer: [band, {
            transform: [{ filter: "isValid(datum.bytes)" }],
            mark: { type: "line", strokeWidth: 1.6, interpolate: "linear" },
            encoding: { x,
              y: { field: "bytes", type: "quantitative", title: "memory", axis: { ...quiet, formatType: "size", values: sizeTicks(Math.max(...rows.map((row) => row.bytes || 0))) } },
              color: { field: "series", type: "nominal", title: null, legend: { orient: "top" }, scale: { domain: heapSeries, range: heapLooks.map(([, ink]) => ink) } },
              strokeDash: { field: "series", type: "nominal", scale: { domain: heapSeries, range: heapLooks.map(([, , dashed]) => dashed) } },
              tooltip: [text("series", "what"), bytes("bytes", "size"), time("time_ns", "at")] } }] },
          { height: 150, layer: [band, {
            transform: [{ filter: "datum.series === 'pause' && datum.wall_ns > 0" }],
            mark: { type: "point", filled: true, size: 26, color: each.color, opacity: 0.75, clip: true },
            encoding: { x: { ...x, title: "since the trial began" },
              y: { field: "wall_ns", type: "quantitative", title: "pause", scale: logTime, axis: logTimeAxis(rows.filter((row) => row.series === "pause"), "wall_ns") },
              shape: { field: "kind", type: "nominal", title: null, scale: { domain: ["scavenge", "other"], range: ["circle", "triangle-up"] }, legend: { orient: "top" } },
              size: { field: "kind", type: "nominal", scale: { domain: ["scavenge", "other"], range: [22, 60] }, legend: null },
              tooltip: [text("what", "kind"), time("wall_ns", "wall"), time("cpu_ns", "CPU, critical path"), time("time_ns", "at")] } }] },
        ],
      },
      isFaceted: true,
    }];
  }

  /* Goal and progress, debt and step, rates: panels above each other over the same time. A line ends where its cycle does. */
  function pacing(view) {
    const each = view.paced;
    if (!each || !each.pacing) return [];
    const { records, length_ns: length } = each.pacing;
    const lines = [
      ["work", "goal", "#888888", [5, 3], (record) => record[2]], ["work", "marked", "#0072B2", [1, 0], (record) => record[3]],
      ["work", "room for promotions", "#009E73", [2, 3], (record) => record[4]],
      ["debt", "debt", "#D55E00", [1, 0], (record) => record[5]], ["debt", "a step marks", "#CC79A7", [5, 3], (record) => record[6]],
      ["rate, in a millisecond", "marking", "#3B68FF", [1, 0], (record) => record[7]], ["rate, in a millisecond", "promotion", "#EDA500", [5, 3], (record) => record[8]],
    ];
    const rows = records.flatMap((record) => lines.map(([part, series, , , of]) => ({ part, series, time_ns: record[0], cycle: record[1], bytes: of(record) })));
    const x = { field: "time_ns", type: "quantitative", title: null, scale: { domain: [0, length], nice: false }, axis: timeAxis };
    const panel = (part, height) => {
      const own = lines.filter((line) => line[0] === part);
      const domain = own.map((line) => line[1]);
      return {
        height,
        transform: [{ filter: `datum.part === '${part}'` }],
        encoding: {
          x: part.startsWith("rate") ? { ...x, title: "since the trial began" } : x,
          y: { field: "bytes", type: "quantitative", title: part, axis: { ...quiet, formatType: "size", values: sizeTicks(Math.max(...rows.filter((row) => row.part === part).map((row) => row.bytes))) } },
          color: { field: "series", type: "nominal", title: null, legend: { orient: "top" }, scale: { domain, range: own.map((line) => line[2]) } },
          strokeDash: { field: "series", type: "nominal", scale: { domain, range: own.map((line) => line[3]) } },
          detail: { field: "cycle" },
        },
        layer: hoverable({ strokeWidth: 1.6 }, [text("series", "what"), bytes("bytes", "size"), time("time_ns", "at"), plain("cycle", "cycle", "d")]),
      };
    };
    return [{
      title: `${groupName(each)}: ${each.name}, trial ${each.pacing.trial}`,
      description: "Lines over time while cycles mark: the goal, what is marked of it and the room left; the debt of marking and what a step marks; rates of marking and promotion.",
      wide: true,
      rows,
      spec: { spacing: 12, resolve: { scale: { color: "independent", strokeDash: "independent" } }, vconcat: [panel("work", 150), panel("debt", 110), panel("rate, in a millisecond", 110)] },
      isFaceted: true,
    }];
  }

  function longest(view) {
    const each = view.longest;
    if (!each || !each.longest) return [];
    const pause = each.longest;
    const rows = pause.phases.map(([phase, worker, begin, end, cpu]) => ({
      phase, worker, row: pause.threads > 1 ? `${phase}, thread ${worker}` : phase, begin_ns: begin, end_ns: end, length_ns: end - begin, cpu_ns: cpu }));
    if (pause.to_safepoint_ns > 0)
      rows.unshift({ phase: "to safepoint", worker: 0, row: "to safepoint", begin_ns: 0, end_ns: pause.to_safepoint_ns, length_ns: pause.to_safepoint_ns, cpu_ns: null });
    if (rows.length === 0) return [];
    const order = [...new Set([...rows].sort((a, b) => a.begin_ns - b.begin_ns).map((row) => row.row))];
    return [{
      title: `${groupName(each)}: ${each.name}, ${pause.kind} of ${duration(pause.wall_ns)} in trial ${pause.trial}`,
      description: "Bars: the phases of the longest pause, from when to when each thread worked on them.",
      wide: true,
      rows,
      spec: {
        height: { step: 20 },
        mark: { type: "bar", color: each.color, minBandSize: 4 },
        encoding: {
          x: { field: "begin_ns", type: "quantitative", title: "since the pause began", scale: { domain: [0, pause.wall_ns], nice: false }, axis: timeAxis },
          x2: { field: "end_ns" },
          y: { field: "row", type: "nominal", sort: order, title: null, axis: { labelLimit: 170 } },
          tooltip: [text("row", "phase"), time("length_ns", "wall"), time("cpu_ns", "CPU"), time("begin_ns", "from"), time("end_ns", "to")],
        },
      },
    }];
  }

  /* --- barriers, and where the time went -------------------------------------------------------- */

  function geometricMean(values) {
    return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
  }

  function barriers(view) {
    const all = finished(view);
    if (![...groups(all, (each) => each.collector).values()].some((same) => new Set(same.map((each) => each.barrier)).size > 1)) return [];
    return [["wall_ns", "wall time"], ["cpu_ns", "CPU time"], ["pause_p99_ns", "pause p99"]].map(([measure, title]) => {
      const cells = new Map();
      for (const group of groups(all, groupName).values()) {
        const base = median(baselineOf(group), measure);
        for (const each of group) {
          const value = median(each, measure);
          const key = JSON.stringify([each.collector, each.barrier]);
          if (!base || !value) continue;
          if (!cells.has(key)) cells.set(key, []);
          cells.get(key).push(value / base);
        }
      }
      const rows = [...cells].map(([key, values]) => {
        const [collector, barrier] = JSON.parse(key);
        return { collector, barrier, ratio: geometricMean(values), label: three(geometricMean(values)), workloads: values.length };
      });
      if (rows.length < 2) return null;
      const reach = Math.max(1.05, ...rows.map((row) => Math.max(row.ratio, 1 / row.ratio)));
      return {
        title: `${title}, ratio to ${baselineOf(all).name}`,
        description: `Cells: ${title} of each collector under each barrier, relative to the baseline; written in the cell.`,
        wide: true,
        rows,
        spec: {
          height: { step: 26 },
          encoding: {
            x: { field: "barrier", type: "nominal", title: null, axis: { labelAngle: -35, labelLimit: 200 } },
            y: { field: "collector", type: "nominal", title: null, axis: { labelLimit: 140 } },
            tooltip: [text("collector", "collector"), text("barrier", "barrier"), plain("ratio", title), plain("workloads", "workloads and heaps", "d")],
          },
          layer: [
            { mark: "rect", encoding: { color: { field: "ratio", type: "quantitative", legend: null, scale: { type: "log", domain: [1 / reach, 1, reach], range: ["#6BA3D6", "#F4F1EA", "#EFA04F"], interpolate: "rgb" } } } },
            { mark: { type: "text", fontSize: 11, color: "#111" }, encoding: { text: { field: "label" } } },
          ],
        },
      };
    }).filter((panel) => panel);
  }

  /* CPU time of an average trial by phase and place, and the rest. */
  function parts(each) {
    const places = ["stopped", "on mutators", "beside"];
    const found = new Map();
    let collector = 0;
    for (const [phase, values] of Object.entries(each.work || {}))
      values.forEach((ns, place) => {
        if (ns > 0) found.set(`${phase}, ${places[place]}`, ns);
        collector += ns;
      });
    const total = each.measures.cpu_ns.mean;
    found.set("program and barriers", Math.max(0, total - collector));
    return { total, found };
  }

  const waterfallSteps = 9;

  function waterfall(view) {
    if (!view.to) return [];
    return perGroup({ ...view, shown: view.anyCollector }, (group) => {
      const from = group.find((each) => each.name === view.from);
      const to = group.find((each) => each.name === view.to);
      if (!from || !to || from === to) return null;
      const before = parts(from);
      const after = parts(to);
      const names = [...new Set([...before.found.keys(), ...after.found.keys()])];
      const changes = names.map((what) => ({ what, change_ns: (after.found.get(what) || 0) - (before.found.get(what) || 0) }))
        .filter((step) => Math.abs(step.change_ns) > before.total / 1000).sort((a, b) => Math.abs(b.change_ns) - Math.abs(a.change_ns));
      const steps = changes.slice(0, waterfallSteps).sort((a, b) => a.change_ns - b.change_ns);
      let at = before.total;
      const rows = [{ what: from.name, begin_ns: 0, end_ns: at, change_ns: at, which: "total" }];
      for (const step of steps) {
        rows.push({ ...step, begin_ns: at, end_ns: at + step.change_ns, which: step.change_ns > 0 ? "more" : "less" });
        at += step.change_ns;
      }
      const rest = after.total - at;
      if (Math.abs(rest) > before.total / 1000) rows.push({ what: "all else", begin_ns: at, end_ns: after.total, change_ns: rest, which: rest > 0 ? "more" : "less" });
      rows.push({ what: to.name, begin_ns: 0, end_ns: after.total, change_ns: after.total, which: "total" });
      rows.forEach((row, index) => { row.fill = index === 0 ? from.color : index === rows.length - 1 ? to.color : row.which === "more" ? "#8C510A" : "#35978F"; });
      return {
        description: `Bars: from the CPU time of ${from.name} to that of ${to.name}, one step for each phase whose share changed.`,
        rows,
        spec: {
          height: { step: 22 },
          encoding: {
            y: { field: "what", type: "nominal", sort: null, title: null, axis: { labelLimit: 190 } },
            x: { field: "begin_ns", type: "quantitative", title: "CPU time of a trial", axis: timeAxis },
            x2: { field: "end_ns" },
            color: { field: "fill", type: "nominal", scale: null },
            tooltip: [text("what", "what"), time("change_ns", "CPU time"), text("which", "more or less")],
          },
          layer: [{ mark: { type: "bar" } }],
        },
      };
    });
  }

  return { cost, percentiles, histograms, utilisation, latency, space, overhead, timeline, longest, pacing, barriers, waterfall,
    duration, size, ratio, heapName, groupName, dashOf, markerPaths, looks, median };
})();
