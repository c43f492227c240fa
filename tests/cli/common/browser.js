/* A headless Chromium, driven through a pipe by its DevTools protocol; nothing but node is needed.
 *
 *   const browser = await open({ width, height });
 *   await browser.load("file:///…");
 *   await browser.evaluate("document.title");
 *   browser.errors        what the console and uncaught exceptions said
 *   browser.requests      addresses that the page asked for, its own aside
 *   await browser.close();
 */
"use strict";
const { spawn } = require("node:child_process");
const { mkdtempSync, rmSync } = require("node:fs");
const { setTimeout: sleep } = require("node:timers/promises");

/* Chromium binds a socket under TMPDIR, and a socket's path has at most 107 bytes: a test's own folder may be too deep. */
const shortFolder = "/tmp/tricolor-browser-";
const patience = 60000; // ms; the first start from a cold disk beside other tests is slow

async function within(condition, sentence) {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(50)) {
    if (await condition()) return;
  }
  throw new Error(sentence);
}

/* Processes of the browser may write into it for a moment longer than the first of them lives. */
async function remove(folder) {
  let error;
  for (const end = Date.now() + patience; Date.now() < end; await sleep(100)) {
    try { rmSync(folder, { recursive: true, force: true }); return; } catch (again) { error = again; }
  }
  throw error;
}

async function open({ width = 1280, height = 900, program = process.env.CHROMIUM || "chromium" } = {}) {
  const profile = mkdtempSync(shortFolder);
  const child = spawn(program, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND", `--user-data-dir=${profile}`, `--window-size=${width},${height}`,
    "--remote-debugging-pipe"], { env: { ...process.env, TMPDIR: profile }, stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => { said = (said + chunk).slice(-2000); });
  const waiting = new Map();
  const listeners = [];
  let number = 0;
  let rest = "";
  child.stdio[4].on("data", (chunk) => {
    const messages = (rest + chunk).split("\0");
    rest = messages.pop();
    for (const text of messages) {
      const message = JSON.parse(text);
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (call && message.error) call.reject(new Error(message.error.message));
      else if (call) call.resolve(message.result);
      else listeners.forEach((listener) => listener(message));
    }
  });
  child.stdio[3].on("error", () => {});
  child.on("exit", () => waiting.forEach((call) => call.reject(new Error(`the browser ended: ${said}`))));
  child.on("error", (error) => waiting.forEach((call) => call.reject(error)));

  let sessionId;
  function send(method, params = {}) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} took too long`)), patience);
      waiting.set(++number, { resolve: (value) => { clearTimeout(timer); resolve(value); }, reject: (error) => { clearTimeout(timer); reject(error); } });
      child.stdio[3].write(`${JSON.stringify({ id: number, method, params, sessionId })}\0`);
    });
  }

  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  ({ sessionId } = await send("Target.attachToTarget", { targetId, flatten: true }));
  const browser = {
    errors: [],
    requests: [],
    send,
    async load(address) {
      const seen = new Set();
      listeners.push(({ method, params }) => method === "Page.lifecycleEvent" && params.name === "load" && seen.add(params.loaderId));
      const { loaderId, errorText } = await send("Page.navigate", { url: address });
      if (errorText) throw new Error(`${address}: ${errorText}`);
      await within(() => !loaderId || seen.has(loaderId), `${address} does not load`);
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
      return result.value;
    },
    async until(expression) {
      await within(() => this.evaluate(expression), `never true: ${expression}`);
    },
    async close() {
      sessionId = undefined;
      await send("Browser.close").catch(() => child.kill());
      await within(() => child.exitCode !== null || child.signalCode !== null, "the browser does not end");
      await remove(profile);
    },
  };
  listeners.push(({ method, params }) => {
    if (method === "Runtime.exceptionThrown") browser.errors.push(params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type))
      browser.errors.push(params.args.map((argument) => argument.value || argument.description).join(" "));
    if (method === "Log.entryAdded" && params.entry.level === "error") browser.errors.push(params.entry.text);
    if (method === "Network.requestWillBeSent") browser.requests.push(params.request.url);
  });
  await send("Page.enable");
  await send("Page.setLifecycleEventsEnabled", { enabled: true });
  await send("Runtime.enable");
  await send("Log.enable");
  await send("Network.enable");
  return browser;
}

module.exports = { open };
