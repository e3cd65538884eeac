// Measures the dashboard of a running server that has many accounts:
//
//   node app/test/budget.mjs BASE_URL render
//   node app/test/budget.mjs BASE_URL storm CHANGES EXPIRED BEGIN_URL
//
// render opens the overview five times, and the list once. storm watches the overview
// while CHANGES accounts expire, which a request to BEGIN_URL makes them begin to,
// until EXPIRED have. Prints what it measured.
// Budgets are those of a quiet machine with two cores; exits with 1 where the
// median is twice as much, or the end is wrong.

import assert from "node:assert/strict";
import { launch } from "../../browser.mjs";
import { open } from "./harness.mjs";
import { ask, connect } from "./server.mjs";

const budget = { render: 1000, longTask: 200, frame: 200 }; // milliseconds, of the overview

const [base, what, changes, expired, begin] = process.argv.slice(2);
const browser = await launch();
try {
  if (what === "render") {
    await render("overview", "/", ".tiles", 5, budget);
    await render("accounts", "/accounts", "tbody tr:nth-child(50)", 1, {}); // for the record
  } else {
    await storm(Number(changes), Number(expired));
  }
} finally {
  await browser.close();
}

/** Opens a page in new windows and measures until what is looked for is there, and the long tasks until all is quiet. */
async function render(name, path, selector, rounds, { render, longTask }) {
  const times = [];
  const tasks = [];
  for (let i = 0; i < rounds; i++) {
    const { page, context, complaints } = await open(browser, base);
    await page.addInitScript(watch, selector);
    await page.goto(path);
    await page.locator(selector).waitFor();
    await page.waitForLoadState("networkidle");
    const { seen, longest } = await page.evaluate(() => window.measured);
    times.push(seen);
    tasks.push(longest);
    assert.deepEqual(complaints, [], `complaints about ${path}`);
    await context.close();
  }
  report(`${name}: first render`, times, render);
  report(`${name}: longest task`, tasks, longTask);
}

/** Runs in the page: notes when an element is there, and the longest task. */
function watch(selector) {
  window.measured = { seen: 0, longest: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.measured.longest = Math.max(window.measured.longest, duration);
  }).observe({ type: "longtask", buffered: true });
  const look = () => {
    if (window.measured.seen || !document.querySelector(selector)) return;
    // The next frame shows it.
    requestAnimationFrame(() => (window.measured.seen ||= performance.now()));
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}

async function storm(changes, expired) {
  const { page, complaints } = await open(browser, base);
  await page.goto("/");
  await page.locator(".live-sign").getByText("Live").waitFor();
  const before = await count("EXPIRED");
  assert.equal(before, expired - changes, "accounts that have expired when the page is open");
  await page.evaluate(() => {
    // The longest time between two frames, for each second.
    window.frames = [];
    const start = performance.now();
    let last = start;
    requestAnimationFrame(function frame(now) {
      const second = Math.floor((now - start) / 1000);
      window.frames[second] = Math.max(window.frames[second] ?? 0, now - last);
      last = now;
      requestAnimationFrame(frame);
    });
  });
  const began = Date.now();
  await fetch(begin, { method: "POST" });
  await connect(base, "tiktok"); // wakes what waits for the next moment, and is one more alert
  while ((await count("EXPIRED")) < expired) {
    assert(Date.now() - began < 60_000, "the accounts do not expire");
    // Whoever looks around meanwhile is served.
    await page.getByRole("link", { name: "Accounts", exact: true }).click();
    await page.getByRole("heading", { name: "Accounts" }).waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await page.locator(".tiles").waitFor();
    await page.waitForTimeout(250);
  }
  const took = Date.now() - began;
  await page.getByRole("link", { name: new RegExp(`^Expired ${expired.toLocaleString("en")} `) }).waitFor({ timeout: 5000 });
  await page.getByRole("button", { name: `Alerts, ${changes + 1} new` }).waitFor({ timeout: 5000 });
  const frames = await page.evaluate(() => window.frames.filter(Boolean));
  assert.deepEqual(complaints, [], "complaints of the browser");
  console.log(`storm: ${changes} changes within ${took} ms, all of them told`);
  report("storm: longest time between frames in a second", frames, budget.frame);
}

/** How many accounts have a status. */
async function count(status) {
  const { accounts } = await ask(base, `query ($statuses: [HealthStatus!]) { accounts(first: 1, filter: { statuses: $statuses }) { totalCount } }`, { statuses: [status] });
  return accounts.totalCount;
}

function report(name, values, allowed = Infinity) {
  const sorted = values.map(Math.round).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  console.log(`${name} ${median} ms${allowed < Infinity ? ` of ${allowed}` : ""}${sorted.length > 1 ? ` (${sorted.join(", ")})` : ""}`);
  if (median > 2 * allowed) {
    console.error(`${name} took ${median} ms; the budget is ${allowed}, and twice that fails`);
    process.exitCode = 1;
  }
}
