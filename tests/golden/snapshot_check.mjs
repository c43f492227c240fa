// Reads what `tricolor snapshot` wrote with memlab, the heap analysis of others, which reads the
// snapshots of DevTools.
//
//   node snapshot_check.mjs FILE NAME ID     the node that retains most, below the root, is called NAME and is the
//                                            immediate dominator of most bytes; its number is ID

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { analysis, config, utils } = require("@memlab/core");
const [file, name, id] = process.argv.slice(2);

function check(condition, sentence) {
  if (condition) return;
  console.error(`${file}: ${sentence}`);
  process.exit(1);
}

config.muteConsole = true;
const snapshot = await utils.getSnapshotFromFile(file, { buildNodeIdIndex: true, verbose: false });
analysis.preparePathFinder(snapshot); // dominators, retained sizes, paths

let root = null, largest = null, all = 0;
snapshot.nodes.forEach((node) => {
  all += node.self_size;
  if (node.type === "synthetic") root ??= node;
  else if (!largest || node.retainedSize > largest.retainedSize) largest = node;
});
check(root.retainedSize === all, `the root retains ${root.retainedSize} of ${all} bytes`);
check(largest.name === name, `${largest.name} retains most, not ${name}`);
check(String(largest.id) === id, `the largest is @${largest.id}, not @${id}`);

let below = largest.self_size;
snapshot.nodes.forEach((node) => {
  if (node.dominatorNode?.id === largest.id && node.id !== largest.id) below += node.retainedSize;
});
check(below === largest.retainedSize, `${name} retains ${largest.retainedSize} bytes, but what it dominates ${below}`);
check(2 * largest.retainedSize > all, `${name} retains ${largest.retainedSize} of ${all} bytes, not most`);

const path = [];
for (let node = largest; node && node.id !== root.id && path.length < 10; node = node.pathEdge?.fromNode)
  path.unshift(node.name);
check(path.length >= 1 && path.at(-1) === name, `the path to ${name} is ${path.join(" / ")}`);
console.log(`${largest.retainedSize}`);
