// Makes playground.png: builds Mooring, runs it in an empty folder, and takes a
// picture of the first tab after it ran. Needs Go, Chromium, and npm ci in
// dashboard. CHROMIUM is the browser's path, if not chromium.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "../../dashboard/node_modules/playwright-core/index.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mooring-"));
execFileSync("go", ["build", "-o", join(folder, "mooring"), "."], { cwd: join(here, "../.."), stdio: "inherit" });
const server = spawn("./mooring", { cwd: folder, env: { ...process.env, MOORING_LISTEN: "127.0.0.1:0" } });
const ended = once(server, "exit");
try {
  await photograph(await address(server.stdout));
} finally {
  server.kill();
  await ended;
  rmSync(folder, { recursive: true });
}

/** Reads where the playground is from what the server prints. */
async function address(output) {
  let printed = "";
  for await (const chunk of output) {
    printed += chunk;
    const found = printed.match(/Playground\s+(\S+)/);
    if (found) return found[1];
  }
  throw new Error(`the server printed no address:\n${printed}`);
}

async function photograph(url) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    await page.waitForFunction(() => globalThis.__MONACO?.editor.getModels().length === 4);
    await page.waitForTimeout(500); // GraphiQL parses what the editor holds 100 ms after a change
    await page.getByRole("button", { name: /^Execute query/ }).click();
    await page.getByRole("link", { name: "Open authorizationUrl" }).waitFor();
    await page.mouse.move(0, 0);
    await page.waitForTimeout(1000); // colours and folding marks settle
    await page.screenshot({ path: join(here, "playground.png") });
  } finally {
    await browser.close();
  }
}
