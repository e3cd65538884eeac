import assert from "node:assert/strict";
import { accessible, test } from "./harness.mjs";

test("activity: the log, filtered, as it grows", async ({ page, connect }) => {
  await connect("tiktok", { persona: "mina" });
  await page.goto("/activity");
  const lines = page.locator(".feed > li");
  await lines.filter({ hasText: "Account connected: Mina bakes" }).first().waitFor();
  await accessible(page);
  await page.getByLabel("What").selectOption("Bulk jobs");
  await page.waitForURL(/group=jobs/);
  await lines.filter({ hasText: /Bulk job|Nothing of the kind/ }).first().waitFor();
  assert.equal(await lines.filter({ hasText: "Account connected" }).count(), 0, "events of another group");
  await page.getByLabel("What").selectOption("Accounts");
  await page.getByLabel("Platform").selectOption("TikTok");
  await page.waitForURL(/platform=tiktok/);
  await page.locator(".live-sign").getByText("Live").waitFor();
  await connect("linkedin", { persona: "ines" });
  await connect("tiktok", { persona: "joris" });
  await lines.filter({ hasText: "Joris" }).first().waitFor();
  assert.equal(await lines.filter({ hasText: "LinkedIn" }).count(), 0, "events of another platform");
});
