/* Opens a report and uses it as a reader would: node report_page.js /path/to/report.html
 *
 * The run has two heaps, stw and concurrent, and the platform floor; how many pauses it happened to have and how long they
 * were is nowhere asked. What has to be drawn is looked up in the page's own data.
 *
 * Says what does not hold, one sentence each, and ends with status 1; or that the page works.
 */
"use strict";
const { open } = require("./browser.js");

const failures = [];
const check = (holds, sentence) => { if (!holds) failures.push(sentence); };
const ready = "document.documentElement.dataset.state === 'ready'";

/* Whether each panel has a drawing with marks in it, and what is shown beside. */
const look = `(() => {
  const figures = [...document.querySelectorAll("figure")];
  return {
    panels: figures.length,
    empty: figures.filter((figure) => !figure.querySelector(".chart svg .mark-group path, .chart svg path")).map((figure) => figure.innerText),
    unnamed: figures.filter((figure) => !figure.querySelector(".chart").getAttribute("aria-label")).length,
    buttons: figures.every((figure) => figure.querySelectorAll(".saves button[aria-label]").length === 2),
    marks: figures.reduce((sum, figure) => sum + Number(figure.dataset.marks), 0),
    sections: [...document.querySelectorAll("main section")].filter((section) => !section.hidden).map((section) => section.id),
    rows: document.querySelectorAll("#overview-table tbody tr").length,
    comparisons: document.querySelectorAll("#findings li[data-kind=comparison]").length,
    longest: document.querySelectorAll("#findings li[data-kind=longest]").length,
    percentileMarks: figures.filter((figure) => figure.closest("#percentiles")).reduce((sum, figure) => sum + Number(figure.dataset.marks), 0),
    findings: document.querySelectorAll("#finding-list li").length,
    texts: figures.map((figure) => figure.innerText).join(" "),
    errors: Number(document.documentElement.dataset.errors),
    overflow: document.documentElement.scrollWidth > innerWidth,
  };
})()`;

/* What a run with these data must show. */
const expectedSections = `(() => {
  const all = JSON.parse(document.getElementById("data").textContent).configurations.filter((each) => !each.is_floor && each.measures);
  const any = (holds) => all.some(holds);
  return ["findings", "overview", "environment", "raw", "space", "waterfall",
    ...(any((each) => each.kinds.all) ? ["percentiles", "histograms", "cost"] : []),
    ...(any((each) => each.utilisation.length > 0) ? ["utilisation"] : []),
    ...(any((each) => each.timeline) ? ["timeline"] : []),
    ...(any((each) => each.longest && each.longest.phases.length > 0) ? ["longest"] : []),
    ...(any((each) => each.pacing) ? ["pacing"] : [])];
})()`;

/* The control trial's curve, where it has points enough for one. */
const floorIsWide = `(() => {
  const floor = JSON.parse(document.getElementById("data").textContent).configurations.find((each) => each.is_floor);
  const widths = [...document.querySelectorAll("#percentiles .mark-line path")].map((path) => path.getBBox().width);
  return !floor || !floor.percentiles || floor.percentiles.length < 8 || Math.max(...widths) > 50;
})()`;

const click = (selector) => `document.querySelector(${JSON.stringify(selector)}).click()`;

/* What a click on a save button hands to the reader. */
const saved = (selector) => `new Promise((resolve) => {
  const create = URL.createObjectURL;
  URL.createObjectURL = (blob) => { blob.text().then(resolve); URL.createObjectURL = create; return create.call(URL, blob); };
  ${click(selector)};
})`;

async function desktop(browser, address) {
  await browser.load(address);
  await browser.until(ready);
  const all = await browser.evaluate(look);
  check(all.errors === 0, "the page counted errors");
  check(all.empty.length === 0, `panels without a drawing: ${all.empty.join("; ")}`);
  check(all.unnamed === 0, "a chart has no text for those who do not see it");
  check(all.buttons, "a panel cannot be saved");
  check(all.findings > 2, "there are hardly any findings");
  check(all.marks < 50000, `${all.marks} marks are plotted`);
  check(!all.overflow, "the page is wider than its window");
  const expected = await browser.evaluate(expectedSections);
  for (const section of expected) check(all.sections.includes(section), `there is no section ${section}`);

  const curves = await browser.evaluate("[...document.querySelectorAll('#percentiles .mark-line path')].map((path) => path.getAttribute('d') || '')");
  check(curves.length > 0 && curves.every((path) => path.startsWith("M") && !/NaN|Infinity|undefined/.test(path)), "the percentile curves are no curves");
  check(await browser.evaluate(floorIsWide), "the floor's percentiles are no curve");
  const of = await browser.evaluate("JSON.parse(document.getElementById('data').textContent).findings.filter((each) => each.kind === 'comparison' && !each.is_part).length");
  check(of === all.comparisons, `${all.comparisons} comparisons are shown of ${of}`);

  await browser.evaluate(click("#filter-collector input[value=stw]"));
  await browser.until(ready);
  const fewer = await browser.evaluate(look);
  check(fewer.rows > 0 && fewer.rows < all.rows, "the filter does not change the table");
  check(fewer.panels > 0 && fewer.panels < all.panels, "the filter does not change the charts");
  check(fewer.percentileMarks > 0 && fewer.percentileMarks < all.percentileMarks, "as much is drawn as before");
  check(fewer.comparisons === 0, "findings compare what is not shown");
  check(all.longest === 1 && fewer.longest <= 1, "there is not one longest pause");
  const kept = await browser.evaluate(saved("#percentiles .saves button + button"));
  check(!kept.includes("\nstw,"), "what is drawn is not what the filter shows");
  check((await browser.evaluate("location.hash")).includes("collector=concurrent"), "the address does not say what is shown");
  await browser.evaluate(click("#filter-all"));
  await browser.until(ready);
  check((await browser.evaluate(look)).panels === all.panels, "the filter cannot be undone");
  await browser.evaluate(click("#filter-heap input"));
  await browser.until(ready);
  const oneHeap = await browser.evaluate(look);
  const parts = await browser.evaluate("JSON.parse(document.getElementById('data').textContent).findings.filter((each) => each.is_part).length");
  check(oneHeap.comparisons === parts / 2, "one heap's findings are not what is said of it");
  await browser.evaluate(click("#filter-all"));
  await browser.until(ready);

  const svg = await browser.evaluate(saved("#percentiles .saves button"));
  check(/^<svg[^>]*xmlns/.test(svg) && svg.includes("</svg>"), "the saved picture is no SVG");
  const csv = await browser.evaluate(saved("#percentiles .saves button + button"));
  check(/^collector,percentile,/.test(csv) && csv.split("\n").length > 2, "the saved data are no CSV");
  const focusable = await browser.evaluate("[...document.querySelectorAll('button, select, input, summary, a')].every((each) => each.tabIndex >= 0)");
  check(focusable, "something cannot be reached by keyboard");
}

/* What sticks out of the window, but for what can be scrolled by itself. */
const sticksOut = `[...document.querySelectorAll("main *, footer *")].filter((each) => {
  if (each.getBoundingClientRect().width === 0 || each.getBoundingClientRect().right <= innerWidth + 1) return false;
  for (let around = each.parentElement; around; around = around.parentElement)
    if (getComputedStyle(around).overflowX !== "visible") return false;
  return true;
}).map((each) => each.outerHTML.slice(0, 80))`;

/* Findings whose text is small, or cut. */
const unreadable = `[...document.querySelectorAll("#finding-list li")].filter((each) =>
  parseFloat(getComputedStyle(each).fontSize) < 14 || each.scrollWidth > each.clientWidth || each.clientHeight < 20).map((each) => each.textContent)`;

async function narrow(browser, width) {
  await browser.send("Emulation.setDeviceMetricsOverride", { width, height: 844, deviceScaleFactor: 1, mobile: true });
  await browser.until(`innerWidth === ${width} && ${ready}`);
  const out = await browser.evaluate(sticksOut);
  check(out.length === 0, `at a width of ${width} this sticks out: ${out.slice(0, 3).join("; ")}`);
  const findings = await browser.evaluate(unreadable);
  check(findings.length === 0, `at a width of ${width} findings cannot be read: ${findings.slice(0, 3).join("; ")}`);
}

async function phone(browser, address) {
  await browser.send("Emulation.setDeviceMetricsOverride", { width: 390, height: 844, deviceScaleFactor: 1, mobile: true });
  await browser.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
  await browser.load(`${address}?phone#collector=concurrent`);
  await browser.until(ready);
  const shown = await browser.evaluate(look);
  check(shown.errors === 0 && shown.empty.length === 0, "not every chart is drawn on a phone");
  check(!(await browser.evaluate("document.documentElement.scrollWidth > 390")), "the page is wider than a phone");
  check((await browser.evaluate("document.documentElement.dataset.theme")) === "dark", "a dark system gets a light page");
  check(await browser.evaluate("!document.querySelector('#filter-collector input[value=stw]').checked"), "the address does not choose what is shown");
  await narrow(browser, 390);
  await browser.evaluate(click("#filter-all"));
  await narrow(browser, 320);
}

(async () => {
  const address = `file://${process.argv[2]}`;
  let browser;
  try {
    browser = await open();
    await desktop(browser, address);
    await phone(browser, address);
    check(browser.errors.length === 0, `the console says: ${[...new Set(browser.errors)].join("; ")}`);
    const foreign = browser.requests.filter((url) => !/^(file|data|blob):/.test(url));
    check(foreign.length === 0, `the page asks for ${[...new Set(foreign)].join(", ")}`);
  } catch (error) {
    failures.push(error.message);
  }
  if (browser) await browser.close().catch((error) => failures.push(error.message));
  failures.forEach((sentence) => console.log(sentence));
  if (failures.length === 0) console.log("the page works");
  process.exit(failures.length === 0 ? 0 : 1);
})();
