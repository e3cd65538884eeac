// Takes every page at three widths in both themes, from a server of its own with
// accounts in every state, into dashboard/screenshots, which git ignores:
//
//   npm run shots [PART_OF_A_PAGE_NAME]
//
// Needs Go and Chromium. Prints the files.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "../../browser.mjs";
import { open } from "./harness.mjs";
import { age, ask, connect, follow, revoke } from "./server.mjs";

/** The pages by the name of their picture, with what is to be seen before it is taken. */
const pages = [
  { name: "overview", path: () => "/", ready: (page) => page.getByRole("heading", { name: "Next to need a person" }) },
  { name: "accounts", path: () => "/accounts", ready: (page) => page.getByRole("table") },
  { name: "accounts-selected", path: () => "/accounts?status=attention", ready: (page) => page.getByRole("table"), prepare: (page) => page.getByRole("checkbox", { name: "Select lenakost" }).check() },
  { name: "account-healthy", path: ({ healthy }) => `/accounts/${healthy}`, ready: (page) => page.getByRole("heading", { name: "Permissions" }) },
  { name: "account-expired", path: ({ expired }) => `/accounts/${expired}`, ready: (page) => page.getByRole("heading", { name: "Permissions" }) },
  {
    name: "account-disconnect",
    path: ({ healthy }) => `/accounts/${healthy}`,
    ready: (page) => page.getByRole("heading", { name: "Permissions" }),
    prepare: async (page) => {
      await page.getByRole("button", { name: "More actions" }).click();
      await page.getByRole("menuitem", { name: "Disconnect" }).click();
      await page.getByRole("dialog").locator(".note").waitFor();
    },
  },
  { name: "activity", path: () => "/activity", ready: (page) => page.locator(".feed > li") },
  { name: "connect", path: () => "/connect", ready: (page) => page.getByRole("article") },
  { name: "connect-dialog", path: () => "/connect?platform=meta_instagram", ready: (page) => page.getByRole("button", { name: "Continue to Instagram" }), prepare: unfold },
  { name: "bulk", path: () => "/bulk", ready: (page) => page.getByRole("checkbox") },
  { name: "bulk-run", path: ({ bulk }) => `/bulk/${bulk}`, ready: (page) => page.getByRole("heading", { name: "Order" }) },
  { name: "reconnect", path: ({ expired }) => `/accounts/${expired}/reconnect`, ready: (page) => page.getByRole("heading", { name: "What to do" }) },
  { name: "troubleshoot", path: () => "/troubleshoot", ready: (page) => page.getByRole("heading", { name: "Nothing to explain yet" }) },
  { name: "troubleshoot-account", path: ({ expired }) => `/troubleshoot?account=${expired}`, ready: (page) => page.getByRole("heading", { name: "What to do" }) },
  ...["members", "keys", "audit", "appearance", "sandbox"].map((name) => ({
    name: `settings-${name}`,
    path: () => `/settings/${name}`,
    ready: (page) => page.locator(".tabs ~ .stack > *"),
  })),
  { name: "settings-platforms", path: () => "/settings/platforms?platform=linkedin", ready: (page) => page.getByText(/checks passed$/) },
  { name: "reconnect-page", path: ({ reconnectUrl }) => reconnectUrl, ready: (page) => page.getByRole("button", { name: "Reconnect" }) },
  { name: "login", path: () => "/login", ready: (page) => page.getByRole("link", { name: "Go on" }) },
  { name: "not-found", path: () => "/settings/nothing", ready: (page) => page.getByRole("heading", { name: "There is no such page" }) },
];

const only = process.argv[2] ?? "";
const out = fileURLToPath(new URL("../../screenshots/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mooring-"));
execFileSync("go", ["build", "-o", join(folder, "mooring"), "."], { cwd: fileURLToPath(new URL("../../..", import.meta.url)), stdio: "inherit" });
const server = spawn("./mooring", { cwd: folder, env: { ...process.env, MOORING_LISTEN: "127.0.0.1:0" } });
const ended = once(server, "exit");
try {
  const base = await address(server.stdout);
  await photograph(base, await seed(base));
} finally {
  server.kill();
  await ended;
  rmSync(folder, { recursive: true });
}

/** Reads where the dashboard is from what the server prints. It goes on reading: a closed pipe would end the server. */
function address(output) {
  return new Promise((resolve, reject) => {
    let printed = "";
    output.on("data", (chunk) => {
      printed += chunk;
      const found = printed.match(/Dashboard\s+(\S+)\//);
      if (found) resolve(found[1]);
    });
    output.on("end", () => reject(new Error(`the server printed no address:\n${printed}`)));
  });
}

/** Accounts on all platforms, in every state. Returns some of their ids by name. */
async function seed(base) {
  const [rowan] = await connect(base, "twitter", { persona: "rowan" }, { labels: ["brand", "uk"] });
  await connect(base, "twitter", { persona: "mika" });
  await connect(base, "linkedin", { persona: "ines" }, { labels: ["brand"] });
  const [tomas] = await connect(base, "linkedin", { persona: "tomas", refresh: "no" });
  await connect(base, "meta_facebook", { persona: "greta" });
  await connect(base, "meta_instagram", { persona: "juno" }, { loginMethod: "INSTAGRAM_LOGIN" });
  const [sails] = await connect(base, "google_youtube", { persona: "sails" });
  await connect(base, "tiktok", { persona: "mina" });
  await connect(base, "pinterest", { persona: "oak" });
  await connect(base, "pinterest", { persona: "lena", refresh: "no" });
  await age(base, "linkedin", "tomas", 0);
  await age(base, "pinterest", "lena", 5 * 3600);
  await revoke(base, "google_youtube", "sails");
  await ask(base, `mutation ($id: ID!) { refresh(input: { accountId: $id, force: true }) { userErrors { code } } }`, { id: sails });
  await ask(base, `mutation { createApiKey(input: { name: "scheduler, production", scopes: ["read", "lease"] }) { key } }`);
  await ask(base, `mutation ($id: ID!) { validate(input: { accountId: $id }) { userErrors { code } } }`, { id: rowan });
  const { bulkConnect } = await ask(base, 'mutation { bulkConnect(input: { platforms: ["twitter", "linkedin", "meta_facebook", "meta_instagram"] }) { bulkConnect { id sequence { id authorizationUrl } } } }');
  await follow(base, bulkConnect.bulkConnect.sequence[0].authorizationUrl, { decision: "deny" });
  const { account } = await ask(base, "query ($id: ID!) { account(id: $id) { reconnectUrl } }", { id: tomas });
  return { healthy: rowan, expired: tomas, reconnectUrl: account.reconnectUrl, unhealthy: sails, bulk: bulkConnect.bulkConnect.id };
}

/** Opens the parts of a page that are folded, and waits for what they fetch. */
async function unfold(page) {
  for (const summary of await page.locator("dialog summary, main summary").all()) await summary.click();
  await page.getByText(/checks? passed/).waitFor();
}

async function photograph(base, ids) {
  mkdirSync(out, { recursive: true });
  const browser = await launch();
  try {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [375, 768, 1440]) {
        const { page, context, complaints } = await open(browser, base, { colorScheme, viewport: { width, height: width < 700 ? 812 : 900 } });
        for (const { name, path, ready, prepare } of pages.filter(({ name }) => name.includes(only))) {
          await page.goto(path(ids));
          await ready(page, ids).first().waitFor();
          await prepare?.(page, ids);
          await page.waitForLoadState("networkidle");
          const file = join(out, `${name}-${width}-${colorScheme}.png`);
          await page.screenshot({ path: file, fullPage: true, animations: "disabled" });
          console.log(file);
        }
        if (complaints.length) throw new Error(complaints.join("\n"));
        await context.close();
      }
    }
  } finally {
    await browser.close();
  }
}
