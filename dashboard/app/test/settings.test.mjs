import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { accessible, test } from "./harness.mjs";

test("settings: a key is made, shown once and revoked", async ({ page, base }) => {
  await page.goto("/settings/keys");
  await page.getByRole("button", { name: "New API key" }).click();
  const dialog = page.getByRole("dialog");
  await page.keyboard.type("scheduler"); // the first field has the focus
  await dialog.getByLabel(/^lease/).check();
  await dialog.getByLabel("Ends").selectOption("in 30 days");
  await accessible(page);
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const key = await dialog.locator(".once").innerText();
  assert.match(key, /^mrg_/);
  await accessible(page);
  await dialog.getByRole("button", { name: "Done" }).click();
  const row = page.getByRole("row", { name: /scheduler/ });
  assert.equal(await page.getByText(key).count(), 0, "the key is shown again");
  assert.match(await row.innerText(), /lease\s*read[\s\S]*never[\s\S]*(days|next month)/);
  const ask = () => fetch(`${base}/graphql`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: '{"query": "{ viewer { method } }"}' });
  assert.equal((await (await ask()).json()).data.viewer.method, "API_KEY");
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.waitForFunction(() => document.activeElement.textContent === "Cancel"); // not what destroys
  await accessible(page);
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await row.getByText("Revoked").waitFor();
  assert.equal((await ask()).status, 401);
  await accessible(page);
});

test("settings: the audit log is filtered, paged and exported", async ({ page, ask }) => {
  const names = Array.from({ length: 55 }, (_, i) => `k${i}: createApiKey(input: { name: "many", scopes: ["read"] }) { key }`);
  for (const part of [names.slice(0, 28), names.slice(28)]) await ask(`mutation { ${part.join(" ")} }`);
  await page.goto("/settings/audit?kind=API_KEY_CREATED");
  const rows = page.locator("tbody tr");
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 50);
  await page.getByRole("button", { name: "Older" }).click();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length < 50);
  await page.getByRole("button", { name: "Newer" }).click();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 50);
  await page.getByLabel("Who (user or key)").fill("nobody");
  await page.getByLabel("Who (user or key)").press("Enter");
  await page.getByText("Nothing in the log fits these filters.").waitFor();
  assert.match(page.url(), /actor=nobody/);
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await rows.first().waitFor();
  await accessible(page);
  for (const [name, first] of [["Export CSV", /^at,type,outcome,actor,request_id/], ["Export JSON Lines", /^\{"at":/]]) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
    assert.match(await readFile(await file.path(), "utf8"), first);
  }
  await rows.filter({ hasText: "Audit log exported" }).first().waitFor(); // without a reload
});

test("settings: a platform's guide has its redirect URI, and its checks", async ({ page, base }) => {
  await page.goto("/settings/platforms");
  await page.getByText("LinkedIn", { exact: true }).click();
  await page.getByText(`${base}/api/oauth/linkedin/callback`, { exact: true }).waitFor();
  await page.getByText("LINKEDIN_CLIENT_ID", { exact: true }).first().waitFor();
  await page.getByText(/checks passed$/).click();
  await page.getByText("Redirect URI: LINKEDIN_REDIRECT_URI").waitFor();
  await accessible(page);
});

test("settings: appearance is kept by the browser", async ({ page, context }) => {
  await context.grantPermissions(["notifications"]);
  await page.goto("/settings/appearance");
  const main = page.getByRole("main");
  await main.getByText("Dark", { exact: true }).click();
  await main.getByText("Date and time").click();
  await main.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await accessible(page);
  await main.getByRole("button", { name: "Notify me" }).click();
  await main.getByRole("button", { name: "Stop notifying me" }).waitFor();
  await page.reload();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  const now = new Date().toLocaleDateString("en-US", { dateStyle: "medium", timeZone: "Asia/Tokyo" });
  await main.getByText(now).first().waitFor();
  await main.getByRole("button", { name: "Stop notifying me" }).click();
  await main.getByRole("button", { name: "Notify me" }).waitFor();
  await accessible(page);
});

test("settings: in the sandbox a token ends, an app is suspended, a fault is mended", async ({ page, connect }) => {
  await connect("pinterest", { persona: "wren", refresh: "no" });
  await connect("meta_facebook", { persona: "tess" });
  await page.goto("/settings/sandbox");
  const card = page.getByRole("region", { name: "Pinterest" });
  const happen = async (what) => {
    await card.getByRole("button", { name: "Simulate for Wren" }).click();
    await page.getByRole("menuitem", { name: what }).click();
  };
  await page.getByText("Live", { exact: true }).waitFor();
  // Pages outlive the person's token: no alert is promised.
  await page.getByRole("button", { name: "Simulate for Tess" }).first().click();
  assert.equal(await page.getByRole("menuitem", { name: "Token ends", exact: false }).filter({ hasText: /^Token/ }).count(), 0);
  await page.getByRole("menuitem", { name: "Person's token ends now" }).click();
  await page.getByText("Pages, and Instagram accounts linked to them, have tokens of their own").waitFor();
  await happen("Token ends in an hour");
  await card.getByText("has an hour left").waitFor();
  await page.locator(".toast").getByText("will end soon").waitFor();
  await accessible(page);
  await card.getByRole("button", { name: "Break Pinterest" }).click();
  await page.getByRole("menuitem", { name: "Outage" }).click();
  await card.locator(".badge", { hasText: "Outage" }).waitFor();
  await page.getByRole("button", { name: "Mend all platforms" }).click();
  await card.locator(".badge", { hasText: "Outage" }).waitFor({ state: "detached" });
  await card.getByRole("button", { name: "Break Pinterest" }).click();
  await page.getByRole("menuitem", { name: "Suspend the app" }).click();
  await card.getByText("App suspended").waitFor();
  await card.getByRole("button", { name: "Break Pinterest" }).click();
  await page.getByRole("menuitem", { name: "Lift the suspension" }).click();
  await card.getByText("App suspended").waitFor({ state: "detached" });
  await happen("Token ends now");
  await page.locator(".toast").getByText("has expired").waitFor();
  await accessible(page);
});
