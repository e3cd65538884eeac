import assert from "node:assert/strict";
import { accessible, test } from "./harness.mjs";

test("overview: empty, then live", async ({ page, connect, age, ask }) => {
  await page.goto("/");
  const tile = (status) => page.getByRole("link", { name: status });
  const { overview } = await ask("{ overview { totalAccounts } }");
  if (overview.totalAccounts === 0) await page.getByRole("heading", { name: "Connect the first account" }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await accessible(page);

  await connect("linkedin", { persona: "tomas", refresh: "no" });
  await page.locator(".toast").getByText("was connected").waitFor();
  await page.getByRole("heading", { name: "Needs a person" }).waitFor();
  assert.match(await tile(/^Healthy/).innerText(), /1/);

  await age("linkedin", "tomas", 3600);
  await page.locator(".toast").getByText("will end soon").waitFor();
  await page.getByRole("button", { name: /^Alerts, [2-9] new/ }).waitFor();
  assert.match(await page.title(), /^\([2-9]\) Overview · Mooring$/);
  await page.locator(".account-line .badge", { hasText: "Expiring soon" }).waitFor();
  await page.getByRole("button", { name: /^Alerts/ }).click();
  await page.getByRole("button", { name: "Alerts", exact: true }).waitFor();
  assert.equal(await page.title(), "Overview · Mooring");
  await accessible(page);
});
