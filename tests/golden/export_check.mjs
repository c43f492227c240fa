// Reads what `tricolor export` wrote with programs that are not Tricolor's, and compares it with
// pauses.csv and summary.json of the run.
//
//   node export_check.mjs trace DIR FILE        DevTools' own trace engine, and that slices nest
//   node export_check.mjs hlog DIR FILE...      hdr-histogram-js's HistogramLogReader; a file per trial
//   node export_check.mjs hgrm DIR FILE...      hdr-histogram-js, byte for byte; a file per configuration
//   node export_check.mjs v8 DIR FILE           the lines that this node prints with --trace-gc
//   node export_check.mjs benchmark DIR FILE [LIBRARY_JSON]
//   node export_check.mjs csv DIR FILE          the figures of summary.json

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import hdr from "hdr-histogram-js";

const [what, directory, ...files] = process.argv.slice(2);

function check(condition, sentence) {
  if (condition) return;
  console.error(`${what}: ${sentence}`);
  process.exit(1);
}

function same(actual, expected, sentence) {
  check(actual === expected, `${sentence}: ${actual} instead of ${expected}`);
}

// --- what the run says of itself -------------------------------------------------------------------

function parseCsv(text) {
  const rows = text.trimEnd().split("\n").map((line) =>
    [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((match) => match[1].replace(/^"|"$/g, "")));
  const [header, ...rest] = rows;
  return rest.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]])));
}

const summary = JSON.parse(readFileSync(`${directory}/summary.json`, "utf8"));
const pauses = parseCsv(readFileSync(`${directory}/pauses.csv`, "utf8"));
const trials = new Map();
for (const configuration of summary.configurations)
  for (const trial of configuration.ok_trials) trials.set(trial.trial, { ...trial, configuration });

const isShort = (pause) => pause.stop_id === "0" && Number(pause.wall_ns) < 1000;

// The pauses of a trial that enter its figures.
function counted(number) {
  const { timed_begin_ns: begin, timed_end_ns: end } = trials.get(number);
  return pauses.filter((pause) => {
    const resumed = Number(pause.resumed_ns);
    return Number(pause.trial) === number && !isShort(pause) && resumed > begin &&
      resumed - Number(pause.wall_ns) < end;
  });
}

function histogramOf(rows) {
  const histogram = hdr.build();
  for (const row of rows) histogram.recordValue(Number(row.wall_ns));
  return histogram;
}

// --- trace -----------------------------------------------------------------------------------------

function checkNesting(events) {
  const threads = Map.groupBy
    ? Map.groupBy(events, (event) => `${event.pid}/${event.tid}`)
    : events.reduce((map, event) => {
      const key = `${event.pid}/${event.tid}`;
      return map.set(key, [...(map.get(key) ?? []), event]);
    }, new Map());
  for (const [thread, slices] of threads) {
    const open = [];
    const bounds = slices
      .map(({ name, ts, dur }) => ({ name, begin: Math.round(ts * 1000), end: Math.round((ts + dur) * 1000) }))
      .sort((left, right) => left.begin - right.begin || right.end - left.end);
    for (const slice of bounds) {
      while (open.length && open.at(-1).end <= slice.begin) open.pop();
      check(!open.length || slice.end <= open.at(-1).end,
        `${thread}: ${slice.name} from ${slice.begin} to ${slice.end} ns does not lie in ${open.at(-1)?.name}`);
      open.push(slice);
    }
  }
}

async function checkTrace() {
  const { traceEvents: events } = JSON.parse(readFileSync(files[0], "utf8"));
  const slices = events.filter((event) => event.ph === "X");
  checkNesting(slices);
  for (const number of trials.keys()) {
    const rows = pauses.filter((pause) => Number(pause.trial) === number && !isShort(pause));
    const drawn = slices.filter((slice) => slice.pid === number && slice.args.kind);
    const total = (list, value) => list.reduce((sum, item) => sum + value(item), 0);
    same(drawn.length, rows.length, `pauses of trial ${number}`);
    same(total(drawn, (slice) => Math.round(slice.dur * 1000)), total(rows, (row) => Number(row.wall_ns)),
      `ns of pauses of trial ${number}`);
    const processName = events.find((event) => event.pid === number && event.name === "process_name");
    check(processName?.args.name.includes(`trial ${number}`), `trial ${number} has no name`);
    if (!rows.length) continue;
    for (const counter of ["heap", "committed", "promotion rate"])
      check(events.some((event) => event.ph === "C" && event.pid === number && event.name === counter),
        `trial ${number} has no counter ${counter}`);
  }
  check(events.filter((event) => event.ph === "C").every((event) =>
    Object.values(event.args).every((value) => Number.isFinite(value))), "a counter is no number");

  globalThis.DOMRect ??= class {};
  globalThis.window ??= globalThis;
  const engine = await import("@paulirish/trace_engine/models/trace/trace.js");
  const model = engine.TraceModel.Model.createWithAllHandlers();
  await model.parse(events);
  const { data } = model.parsedTrace();
  const threads = engine.Handlers.Threads.threadsInTrace(data);
  const known = (name) => threads.reduce((sum, thread) =>
    sum + thread.entries.filter((entry) => entry.name === name).length, 0);
  for (const name of ["MinorGC", "MajorGC"]) {
    const expected = slices.filter((slice) => slice.name === name).length;
    check(expected > 0, `there is no ${name}`);
    same(known(name), expected, `${name} that DevTools finds`);
  }
  same(threads.reduce((sum, thread) => sum + thread.entries.length, 0), slices.length, "slices that DevTools finds");
  check(threads.some((thread) => thread.name === "cycles"), "DevTools finds no thread of cycles");
  check(threads.some((thread) => thread.name.startsWith("mutator") && thread.tree.maxDepth >= 2),
    "DevTools finds nothing in the pauses");
  console.log(`${slices.length} slices on ${threads.length} threads`);
}

// --- histograms ------------------------------------------------------------------------------------

const percentiles = [0, 50, 90, 99, 99.9, 100];

function sameHistograms(actual, expected, sentence) {
  same(actual.totalCount, expected.totalCount, `${sentence}, count`);
  for (const percentile of percentiles)
    same(actual.getValueAtPercentile(percentile), expected.getValueAtPercentile(percentile),
      `${sentence}, percentile ${percentile}`);
}

function checkHlog() {
  for (const file of files) {
    const number = Number(/(\d+)\.hlog$/.exec(file)[1]);
    const reader = new hdr.HistogramLogReader(readFileSync(file, "utf8"));
    const byKind = new Map();
    const starts = [];
    for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram()) {
      starts.push(next.startTimeStampMsec);
      same(next.endTimeStampMsec - next.startTimeStampMsec, 1000, "length of an interval in ms");
      if (!byKind.has(next.tag)) byKind.set(next.tag, hdr.build());
      byKind.get(next.tag).add(next);
    }
    check(starts.every((start, index) => !index || start >= starts[index - 1]), "intervals are not in order");
    const rows = counted(number);
    const kinds = new Set(rows.map((row) => row.kind));
    if (!rows.length) {
      same(byKind.size, byKind.has("gap") ? 1 : 0, "kinds of the control trial");
      continue;
    }
    same([...byKind.keys()].sort().join(), [...kinds].sort().join(), `kinds of trial ${number}`);
    for (const kind of kinds)
      sameHistograms(byKind.get(kind), histogramOf(rows.filter((row) => row.kind === kind)), `trial ${number}, ${kind}`);
  }
  console.log(`${files.length} logs`);
}

function checkHgrm() {
  for (const configuration of summary.configurations) {
    const file = files.find((name) => name.endsWith(`.${configuration.name}.hgrm`));
    check(file, `${configuration.name} has no file`);
    if (configuration.name === "idle") continue;
    const rows = configuration.ok_trials.flatMap((trial) => counted(trial.trial));
    same(readFileSync(file, "utf8"), histogramOf(rows).outputPercentileDistribution(5, 1e6), configuration.name);
  }
  same(files.length, summary.configurations.length, "files");
}

// --- V8's lines ------------------------------------------------------------------------------------

// What remains of a line without its numbers and reasons.
const shapeOf = (line) => line.trimEnd()
  .replace(/0x[0-9a-f]+/g, "H").replace(/ +\d+ ms:/, " N ms:").replace(/\d+\.\d\d\d/g, "N.ddd")
  .replace(/\d+\.\d\d/g, "N.dd").replace(/\d+\.\d/g, "N.d").replace(/\d+/g, "N")
  .replace(/\((reduce|during sweeping|interleaved)\) /, "").replace(/(current mu = N.ddd\)) .*/, "$1");

function checkV8() {
  const program = "let a = []; for (let i = 0; i < 4e6; i++) a.push({ i }); a = null; gc();";
  const node = spawnSync(process.execPath, ["--trace-gc", "--expose-gc", "-e", program], { encoding: "utf8" });
  const shapes = new Set(node.stdout.split("\n").filter((line) => /Scavenge|Mark/.test(line)).map(shapeOf));
  check(shapes.size >= 2, `this node prints ${shapes.size} kinds of lines`);
  const lines = readFileSync(files[0], "utf8").trimEnd().split("\n");
  const foreign = lines.filter((line) => !/ steps since /.test(line) && !shapes.has(shapeOf(line)));
  same(foreign.length, 0, `lines unlike those of this node, as "${foreign[0]}" beside "${[...shapes].join('", "')}"; number`);
  for (const [number] of trials) {
    const rows = pauses.filter((pause) => Number(pause.trial) === number);
    const stops = new Set(rows.filter((row) => row.kind === "scavenge").map((row) => row.stop_id)).size;
    const scavenges = lines.filter((line) => line.startsWith(`[${number}:`) && line.includes(": Scavenge ")).length;
    same(scavenges, stops, `scavenges of trial ${number}`);
  }
  check(lines.some((line) => /: Mark-/.test(line)), "there is no Mark-Compact");
  console.log(`${lines.length} lines`);
}

// --- figures ---------------------------------------------------------------------------------------

function checkBenchmark() {
  const { context, benchmarks } = JSON.parse(readFileSync(files[0], "utf8"));
  const configurations = summary.configurations.filter((configuration) => configuration.name !== "idle");
  same(benchmarks.length, configurations.reduce((sum, { ok_trials }) => sum + ok_trials.length, 0), "benchmarks");
  if (files[1]) {
    const library = JSON.parse(readFileSync(files[1], "utf8"));
    const optional = new Set(["family_index", "per_family_instance_index", "aggregate_name", "aggregate_unit"]);
    const compareKeys = (ours, theirs, where) => {
      for (const [key, value] of Object.entries(theirs)) {
        if (optional.has(key)) continue;
        check(key in ours, `${where} has no ${key}, the library has`);
        same(typeof ours[key], typeof value, `type of ${key}`);
      }
    };
    const known = ["name", "run_name", "run_type", "repetitions", "repetition_index", "threads", "iterations",
      "real_time", "cpu_time", "time_unit"];
    const iteration = library.benchmarks.find((benchmark) => benchmark.run_type === "iteration");
    check(known.every((key) => key in iteration), "the library has lost a key");
    compareKeys(context, library.context, "context");
    compareKeys(benchmarks[0], Object.fromEntries(known.map((key) => [key, iteration[key]])), "benchmark");
  }
  for (const configuration of configurations) {
    const own = benchmarks.filter((benchmark) => benchmark.name === configuration.name);
    same(own.map((benchmark) => benchmark.repetition_index).join(), own.map((_, index) => index).join(), "repetitions");
    same(own.length, configuration.ok_trials.length, `repetitions of ${configuration.name}`);
    own.forEach((benchmark, index) => {
      const wall = configuration.figures.wall_ns.trials[index];
      check(Math.abs(benchmark.real_time - wall / 1e6) <= 1e-6 * benchmark.real_time, `${configuration.name}, real_time`);
    });
  }
}

function checkCsv() {
  const rows = parseCsv(readFileSync(files[0], "utf8"));
  for (const configuration of summary.configurations)
    configuration.ok_trials.forEach(({ trial }, index) => {
      const own = new Map(rows.filter((row) => Number(row.trial) === trial).map((row) => [row.measure, row]));
      for (const [name, { trials: values }] of Object.entries(configuration.figures)) {
        const value = values[index];
        same(own.has(name), value !== null, `trial ${trial} has a row of ${name}`);
        if (value === null) continue;
        check(Math.abs(Number(own.get(name).value) - value) <= 1e-8 * Math.abs(value), `trial ${trial}, ${name}`);
      }
      for (const [kind, { wall }] of Object.entries(configuration.pauses))
        if (configuration.ok_trials.length === 1)
          same(Number(own.get(`pause.${kind}.wall.max_ns`).value), wall.max_ns, `trial ${trial}, longest ${kind}`);
    });
  check(rows.every((row) => row.unit && Number.isFinite(Number(row.value))), "a row has no unit or value");
  console.log(`${rows.length} rows`);
}

const checks = { trace: checkTrace, hlog: checkHlog, hgrm: checkHgrm, v8: checkV8, benchmark: checkBenchmark, csv: checkCsv };
await checks[what]();
