import assert from "node:assert/strict";
import { accessible, test } from "./harness.mjs";

test("dark, on a phone: the same pages, accessible", async ({ page, connect }) => {
  const [id] = await connect("google_youtube", { persona: "sails" });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 375, height: 812 });
  for (const [path, seen] of [
    ["/", page.locator(".chart canvas").first()],
    ["/accounts", page.locator("tbody tr").first()],
    [`/accounts/${id}`, page.getByRole("heading", { name: "Permissions" })],
    ["/activity", page.locator(".feed > li").first()],
    ["/settings/audit", page.locator("tbody tr").first()],
    ["/settings/sandbox", page.getByText("sails", { exact: true })],
    ["/settings/nothing", page.getByRole("heading", { name: "There is no such page" })],
  ]) {
    await page.goto(path);
    await seen.waitFor();
    await accessible(page);
    const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    if (needed > there) throw new Error(`${path} is ${needed} pixels wide on a screen of ${there}`);
  }
  const turns = await page.evaluate(() => {
    const spinner = document.body.appendChild(document.createElement("i"));
    spinner.className = "spinner";
    const { animationDuration, animationIterationCount } = getComputedStyle(spinner);
    spinner.remove();
    return parseFloat(animationDuration) < 0.001 ? animationIterationCount : "endless";
  });
  assert.equal(turns, "1", "turns of a spinner for who wants less motion");
  await page.getByRole("button", { name: "Open the menu" }).click();
  await page.getByRole("dialog").getByRole("radio", { name: "Light" }).check();
  await page.waitForFunction(() => getComputedStyle(document.documentElement).colorScheme === "light");
  await accessible(page);
  await page.getByRole("button", { name: "Close the menu" }).click();
  await page.getByRole("button", { name: "Open the menu" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Overview" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.theme === "light");
});
