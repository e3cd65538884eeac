// The frame of the dashboard's browser tests. A file NAME.test.mjs beside this
// one calls test() for each thing that it wants to see; run.mjs runs them all,
// one after the other, in one browser and against one server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as server from "./server.mjs";

const tests = [];

/** Registers a test. It gets what open() makes, and the requests of server.mjs. */
export function test(name, run) {
  tests.push({ name, run: async ({ opens, base }) => run({ ...(await opens(base)), ...bound(base) }) });
}

/**
 * Registers a test of the server where people sign in. It gets what runTests() knows
 * of that; `signIn(user)`, which opens a page, where nobody has signed in without a
 * user; and `join(user)`, which lets somebody have signed in.
 */
export function testSignedIn(name, run) {
  tests.push({ name, run: ({ opens, secured }) => {
    const join = (user) => cookiesOf(secured, user);
    const signIn = async (user) => {
      const opened = await opens(secured.url);
      if (user) await opened.context.addCookies(await join(user));
      return opened;
    };
    return run({ signIn, join, secured });
  } });
}

/**
 * Runs the tests whose names contain `only`. Returns what went wrong. `secured` is a
 * server where people sign in: its url, and for each of some users a link by which
 * they do, once. A test that fails is run again, and the log says so: a browser beside
 * compilers may be late once, while a fault comes again.
 */
export async function runTests(browser, base, { only = "", secured } = {}) {
  const failures = [];
  for (const test of tests.filter(({ name }) => name.includes(only))) {
    let failure = await attempt(browser, base, secured, test);
    if (failure) {
      console.log(`once more, after ${failure}`);
      failure = await attempt(browser, base, secured, test);
    }
    if (failure) failures.push(failure);
  }
  return failures;
}

/** Runs a test. Returns what went wrong, if anything. */
async function attempt(browser, base, secured, { name, run }) {
  const began = performance.now();
  const opened = [];
  const opens = async (base) => {
    opened.push(await open(browser, base));
    return opened.at(-1);
  };
  const complaints = () => opened.flatMap(({ complaints }) => complaints);
  try {
    await run({ opens, base, secured });
    assert.deepEqual(complaints(), [], "complaints of the browser");
    console.log(`ok   ${name} ${Math.round(performance.now() - began)} ms`);
  } catch (error) {
    return `FAIL ${name}\n${error.stack}\n${complaints().join("\n")}\nthe page says:\n${await text(opened.at(-1)?.page)}`;
  } finally {
    for (const { context } of opened) await context.close();
  }
}

const cookies = new Map();

/** The cookies of a user who has signed in by their link, which works once. */
async function cookiesOf({ url, links }, user) {
  if (!cookies.has(user)) cookies.set(user, await server.signIn(url, links[user]));
  return cookies.get(user);
}

const text = async (page) => page?.locator("body").innerText({ timeout: 1000 }).catch(() => "nothing");

/** The functions of server.mjs for one server. */
const bound = (base) => Object.fromEntries(Object.entries(server).map(([name, f]) => [name, (...args) => f(base, ...args)]));

/**
 * A page of its own, with nobody's cookies, and what it complains of: uncaught
 * errors, the console's errors and warnings, refusals of the
 * Content-Security-Policy, requests to other hosts.
 */
export async function open(browser, base, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: base, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const complaints = [];
  page.setDefaultTimeout(15_000);
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console ${message.type()}: ${message.text().slice(0, 500)}`);
  });
  page.on("request", (request) => {
    const { host, protocol } = new URL(request.url());
    if (/^(http|ws)/.test(protocol) && host !== new URL(base).host) complaints.push(`asked another host: ${request.url()}`);
  });
  await page.exposeFunction("reportViolation", (violation) => complaints.push(`CSP: ${violation}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => window.reportViolation(`${event.violatedDirective} refused ${event.blockedURI}`));
  });
  return { base, context, page, complaints };
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails on what axe calls a serious or critical violation in the page as it is, or of a few `rules` alone. */
export async function accessible(page, rules) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { resultTypes: ["violations"], preload: false, runOnly }), rules);
  const told = ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join("\n")}`;
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  assert.equal(serious.map(told).join("\n"), "", `axe on ${page.url()}`);
}

/** Answers the sandbox's consent page: `form` has values of its fields, such as persona. */
export async function approve(consent, { decision = "approve", ...form } = {}) {
  const button = consent.locator(`button[name=decision][value=${decision}]`);
  await button.waitFor();
  for (const [name, value] of Object.entries(form)) await consent.locator(`input[name=${name}][value=${value}]`).check();
  await button.click();
}
