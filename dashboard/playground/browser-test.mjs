// Drives the playground of a running server in a real browser:
//
//   node browser-test.mjs BASE_URL [SCREENSHOT_FOLDER]
//
// Checks that the page asks no other host for anything, that neither console nor
// Content-Security-Policy complains, that the first tab runs as it stands, that a
// subscription receives data, and that all can be read in both themes. The server
// must know the operation `connect` and stream `connectAttemptChanged` at once.
// TOKEN, if set, is entered as the bearer token; CHROMIUM is the browser's path,
// unless it has a usual name.
// Exits with 0 when all is well, else prints what is not and exits with 1.

import assert from "node:assert/strict";
import { join } from "node:path";
import { accessible } from "../app/test/harness.mjs";
import { launch } from "../browser.mjs";

const [base, screenshots] = process.argv.slice(2);
assert(base, "usage: node browser-test.mjs BASE_URL [SCREENSHOT_FOLDER]");

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
const complaints = [];
let problem;
try {
  await watch();
  await open();
  const id = await connect();
  await subscribe(id);
  await schemaAndWorkers();
} catch (error) {
  problem = error;
  await screenshot("failure");
} finally {
  await browser.close();
}
if (problem) complaints.unshift(`${problem.message}\n${problem.stack}`);
if (complaints.length) console.error(complaints.join("\n"));
process.exitCode = complaints.length ? 1 : 0;

/** Collects whatever the page should not do. */
async function watch() {
  const { host } = new URL(base);
  const foreign = (url) => /^(http|ws)s?:/.test(url) && new URL(url).host !== host;
  await page.route(foreign, (route) => {
    complaints.push(`asked another host: ${route.request().url()}`);
    return route.abort();
  });
  page.on("websocket", (socket) => foreign(socket.url()) && complaints.push(`asked another host: ${socket.url()}`));
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack ?? error}`));
  page.on("response", (response) => response.status() >= 400 && complaints.push(`${response.status()} for ${response.url()}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console ${message.type()}: ${message.text().slice(0, 500)}`);
  });
  await page.exposeFunction("reportViolation", (text) => complaints.push(`CSP: ${text}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      window.reportViolation(`${event.violatedDirective} refused ${event.blockedURI}`);
    });
  });
}

/** The page shows its tabs, Connect first, and no credential but the one given. */
async function open() {
  await page.goto(`${base}/playground`);
  const tabs = page.getByRole("tab");
  await tabs.first().waitFor();
  assert.equal((await tabs.first().innerText()).trim(), "Connect", "title of the first tab");
  await page.waitForFunction(() => globalThis.__MONACO?.editor.getModels().length === 4);
  if (process.env.TOKEN) {
    await page.getByLabel("Bearer token").fill(process.env.TOKEN);
    await page.getByLabel("Bearer token").press("Enter");
  }
}

/** The first tab runs as it stands. Returns the attempt's id. */
async function connect() {
  const { data } = await run();
  assert.match(data?.connect?.attempt?.id ?? "", /^att_/, `answer of connect: ${JSON.stringify(data)}`);
  const link = page.getByRole("link", { name: "Open authorizationUrl" });
  await link.waitFor();
  assert.equal(await link.getAttribute("href"), data.connect.attempt.authorizationUrl, "link to the consent page");
  await screenshot("connect");
  return data.connect.attempt.id;
}

/** A subscription receives data. */
async function subscribe(id) {
  await page.getByRole("tab", { name: "ConnectAttemptChanged" }).click();
  await edit("variables.json", JSON.stringify({ id }));
  const { data } = await run();
  assert.equal(data?.connectAttemptChanged?.id, id, `answer of connectAttemptChanged: ${JSON.stringify(data)}`);
  await screenshot("subscription");
  await stop();
}

/** Docs come from introspection, and Monaco's workers have started: a policy that is too strict shows here. */
async function schemaAndWorkers() {
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.getByText("Root Types").waitFor();
  for (const worker of ["editor", "graphql", "json"]) {
    await until(`the ${worker} worker`, () => page.workers().some((running) => running.url().includes(`/assets/${worker}-`)));
  }
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.locator(colorScheme === "dark" ? ".monaco-editor.vs-dark" : ".monaco-editor.vs").first().waitFor();
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
    await accessible(page, ["color-contrast", "link-in-text-block"]);
    await screenshot(`docs-${colorScheme}`);
  }
}

/** Runs the open tab and returns the first answer. */
async function run() {
  await page.waitForTimeout(500); // GraphiQL parses what the editor holds 100 ms after a change
  await page.getByRole("button", { name: /^Execute query/ }).click();
  await page.waitForFunction(() => {
    const model = globalThis.__MONACO.editor.getModels().find(({ uri }) => uri.path.endsWith("response.json"));
    return model.getValue().includes("{");
  });
  return JSON.parse(await read("response.json"));
}

function stop() {
  return page.getByRole("button", { name: /^Stop query/ }).click();
}

function read(file) {
  return page.evaluate((file) => globalThis.__MONACO.editor.getModels().find(({ uri }) => uri.path.endsWith(file)).getValue(), file);
}

function edit(file, text) {
  return page.evaluate(
    ([file, text]) => globalThis.__MONACO.editor.getModels().find(({ uri }) => uri.path.endsWith(file)).setValue(text),
    [file, text],
  );
}

async function until(what, condition) {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert(Date.now() < deadline, `waited in vain for ${what}`);
    await page.waitForTimeout(50);
  }
}

async function screenshot(name) {
  if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`) });
}
