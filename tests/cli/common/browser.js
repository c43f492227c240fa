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
const { tmpdir } = require("node:os");
const path = require("node:path");

const patience = 15000; // ms

async function open({ width = 1280, height = 900, program = process.env.CHROMIUM || "chromium" } = {}) {
  const profile = mkdtempSync(path.join(tmpdir(), "browser-"));
  const child = spawn(program, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND", `--user-data-dir=${profile}`, `--window-size=${width},${height}`,
    "--remote-debugging-pipe", "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
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
  child.on("exit", () => waiting.forEach((call) => call.reject(new Error("the browser ended"))));
  child.on("error", (error) => waiting.forEach((call) => call.reject(error)));

  let sessionId;
  function send(method, params = {}) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} took too long`)), patience);
      waiting.set(++number, { resolve: (value) => { clearTimeout(timer); resolve(value); }, reject: (error) => { clearTimeout(timer); reject(error); } });
      child.stdio[3].write(`${JSON.stringify({ id: number, method, params, sessionId })}\0`);
    });
  }

  const { targetInfos } = await send("Target.getTargets");
  const page = targetInfos.find((target) => target.type === "page");
  ({ sessionId } = await send("Target.attachToTarget", { targetId: page.targetId, flatten: true }));
  const browser = {
    errors: [],
    requests: [],
    send,
    async load(address) {
      const loaded = new Promise((resolve) => { listeners.push((message) => message.method === "Page.loadEventFired" && resolve()); });
      await send("Page.navigate", { url: address });
      await loaded;
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
      return result.value;
    },
    async until(expression) {
      for (const end = Date.now() + patience; Date.now() < end;) {
        if (await this.evaluate(expression)) return;
        await new Promise((resolve) => { setTimeout(resolve, 50); });
      }
      throw new Error(`never true: ${expression}`);
    },
    async close() {
      child.kill();
      await new Promise((resolve) => { child.exitCode !== null || child.signalCode ? resolve() : child.on("exit", resolve); });
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
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
  await send("Runtime.enable");
  await send("Log.enable");
  await send("Network.enable");
  return browser;
}

module.exports = { open };
