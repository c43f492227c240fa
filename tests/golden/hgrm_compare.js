// Compares the .hgrm that Tricolor prints with the one that hdr-histogram-js prints, byte for byte,
// over random sets of values.
//
//   node hgrm_compare.js PROGRAM SEED COUNT    PROGRAM reads values and prints the .hgrm
//   node hgrm_compare.js --values FILE         prints what hdr-histogram-js makes of a file of values

"use strict";
const { spawnSync } = require("node:child_process");
const { readFileSync, writeFileSync } = require("node:fs");
const hdr = require("hdr-histogram-js");

const NS_PER_MS = 1e6;

function expected(values) {
  const histogram = hdr.build();
  for (const value of values) histogram.recordValue(value);
  return histogram.outputPercentileDistribution(5, NS_PER_MS);
}

// Mulberry32: the same sequence for a seed everywhere.
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// Shapes that pauses have, and those that rounding and bucket edges are sensitive to.
const shapes = [
  (random) => Math.floor(random() * 2048),
  (random) => Math.floor(Math.exp(random() * Math.log(3.6e12))),
  (random) => Math.floor(20000 * (1 + random()) + (random() < 0.01 ? 5e7 * random() : 0)),
  (random) => 500 + 1000 * Math.floor(random() * 5000),
  (random) => 2 ** Math.floor(1 + random() * 40) + Math.floor(random() * 3) - 1,
  (random) => (random() < 0.5 ? 0 : Math.floor(random() * 1e9)),
  () => 1234500,
];

function valuesOf(seed) {
  const random = randomOf(seed);
  const shape = shapes[Math.floor(random() * shapes.length)];
  const count = Math.floor(Math.exp(random() * Math.log(30000))) - (random() < 0.05 ? 1 : 0);
  return Array.from({ length: count }, () => shape(random));
}

function firstDifference(left, right) {
  const lefts = left.split("\n");
  const rights = right.split("\n");
  const line = lefts.findIndex((text, index) => text !== rights[index]);
  return `line ${line + 1}:\n  tricolor         ${lefts[line]}\n  hdr-histogram-js ${rights[line]}`;
}

function compare(program, firstSeed, count) {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const values = valuesOf(seed);
    const run = spawnSync(program, { input: values.join("\n") + "\n", encoding: "utf8" });
    if (run.status !== 0) throw new Error(`${program} ended with ${run.status ?? run.signal}`);
    if (run.stdout === expected(values)) continue;
    writeFileSync("hgrm-values.txt", values.join("\n") + "\n");
    console.error(`seed ${seed}, ${values.length} values, ${firstDifference(run.stdout, expected(values))}`);
    process.exit(1);
  }
  console.log(`${count} sets of values from seed ${firstSeed}: the same bytes`);
}

const [first, ...rest] = process.argv.slice(2);
if (first === "--values") {
  const values = readFileSync(rest[0], "utf8").trim().split(/\s+/).map(Number);
  process.stdout.write(expected(values));
} else {
  compare(first, Number(rest[0]), Number(rest[1]));
}
