import assert from "node:assert/strict";
import { accessible, testSignedIn } from "./harness.mjs";

const ranks = ["viewer", "member", "admin", "owner"];
const users = { viewer: "vera", member: "max", admin: "alma", owner: "olive" };

/** Who may see a page or use a control there, at least: addresses with the controls' names. */
const needs = (account) => ({
  [`/accounts/${account}`]: { Reconnect: "member", "More actions": "member" },
  [`/accounts/${account}/reconnect`]: { page: "member" },
  "/connect": { page: "member" },
  "/bulk": { page: "member" },
  "/settings/keys": { page: "admin", "New API key": "admin" },
  "/settings/audit": { page: "admin", "Export CSV": "admin" },
  "/settings/members": { "Invite somebody": "admin", "Remove max": "admin", "Leave the workspace|Remove olive": "nobody" },
  "/settings/sandbox": { "Check all now": "member" },
});

for (const role of ranks) {
  testSignedIn(`roles: what a ${role} sees`, async ({ signIn, join, secured: { account } }) => {
    await join("max"); // somebody to remove
    const { page } = await signIn(users[role]);
    const refused = [];
    page.on("response", async (response) => {
      if (!response.url().endsWith("/graphql")) return;
      const body = await response.text().catch(() => "");
      if (/"FORBIDDEN"/.test(body)) refused.push(`${response.request().postData()}\n${body}`);
    });
    const may = (least) => ranks.indexOf(role) >= ranks.indexOf(least) && least !== "nobody";
    await page.goto("/");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.waitForFunction(() => !document.querySelector("main .loading"));
    const offered = await links(page, ".shell > nav a, main a");
    await shown(page, "/settings/members");
    offered.push(...(await links(page, ".tabs a")));
    // One page of each kind: not all the filters, nor all the accounts.
    const kinds = new Map(offered.map((path) => [path.replace(/\?.*/, "").replace(/acc_\w+/, "…"), path]));
    for (const path of new Set([...kinds.values(), ...Object.keys(needs(account))])) {
      const { page: least = "viewer", ...controls } = needs(account)[path] ?? {};
      await shown(page, path);
      assert.equal(await page.getByText("You may not see this").count(), may(least) ? 0 : 1, `${path} for a ${role}`);
      if (path !== `/accounts/${account}/reconnect`) assert.equal(offered.includes(path), may(least), `${path} is offered to a ${role}`);
      const names = await page.locator("main a, main button").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? one.textContent.trim()));
      for (const [name, least] of Object.entries(controls)) {
        assert.equal(names.some((one) => new RegExp(`^(${name})$`).test(one)), may(least), `“${name}” at ${path} for a ${role}, of ${names}`);
      }
    }
    await accessible(page);
    assert.deepEqual(refused, [], `requests of a ${role}'s pages that the server refused`);
  });
}

/** The pages of the dashboard that the links lead to. */
const links = (page, selector) =>
  page.locator(selector).evaluateAll((all) => all.map((one) => one.getAttribute("href")).filter((href) => /^\/(?!playground|api\/|\/)/.test(href)));

/** Goes to a page as a link of the dashboard does. */
async function shown(page, path) {
  await page.evaluate((path) => history.pushState(null, "", path), path);
  await page.waitForFunction(() => document.querySelector("main :is(h1, h2)") && !document.querySelector("main .loading"));
}

testSignedIn("members: invited, joined, changed, removed; the last owner stays", async ({ signIn, join }) => {
  await join("tom");
  const { page } = await signIn("olive");
  await page.goto("/settings/members");
  await page.getByText("The last owner stays").waitFor();
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Who is it for?").fill("Nina");
  await accessible(page);
  for (const [name, role] of [["Nina", "VIEWER"], ["Otto", "ADMIN"]]) {
    if (name === "Otto") {
      await page.getByRole("button", { name: "Invite somebody" }).click();
      await dialog.getByLabel("Who is it for?").fill(name);
    }
    await dialog.getByLabel("Role").selectOption(role);
    await dialog.getByRole("button", { name: "Make the link" }).click();
    assert.match(await dialog.locator(".once").innerText(), /^http:\/\/localhost:\d+\/login\/\w+$/);
    await accessible(page);
    await dialog.getByRole("button", { name: "Done" }).click();
  }
  await page.getByRole("button", { name: "Revoke the invitation for Nina" }).click();
  await page.getByRole("row", { name: /Nina/ }).waitFor({ state: "detached" });
  await page.getByRole("row", { name: /Otto/ }).waitFor();

  await page.getByLabel("Role of tom").selectOption("MEMBER");
  await page.waitForFunction(() => !document.querySelector('select[aria-label="Role of tom"]').disabled);
  await page.reload();
  assert.equal(await page.getByLabel("Role of tom").inputValue(), "MEMBER");
  await page.getByRole("button", { name: "Remove tom" }).click();
  await dialog.getByText("API keys").waitFor();
  await accessible(page);
  await dialog.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("row", { name: /tom/ }).waitFor({ state: "detached" });
  await accessible(page);
});
