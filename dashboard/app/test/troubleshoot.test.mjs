import assert from "node:assert/strict";
import { accessible, test } from "./harness.mjs";

test("troubleshoot: a pasted error", async ({ page }) => {
  await page.goto("/troubleshoot");
  await page.getByRole("button", { name: "Explain it" }).click(); // there is nothing to explain
  await page.getByRole("heading", { name: "Nothing to explain yet" }).waitFor();
  await page.getByLabel("Error").fill("the hamster left its wheel");
  await page.getByRole("button", { name: "Explain it" }).click();
  await page.getByRole("heading", { name: "Not recognised" }).waitFor();
  await page.getByRole("button", { name: "Copy a report" }).waitFor();
  for (const promise of ["Who can mend it", "Act now", "What decided"]) assert.equal(await page.getByText(promise).count(), 0, promise);
  await accessible(page);
  await page.getByLabel("Error").fill("https://mooring.example.com/api/oauth/google/callback?error=access_denied&state=x");
  await page.getByLabel("Platform").selectOption({ label: "YouTube" });
  await page.getByRole("button", { name: "Explain it" }).click();
  await page.getByRole("heading", { name: "The person said no" }).waitFor();
  await page.getByText("What decided").click();
  await accessible(page);

  await page.getByText("Status, code and body apart").click();
  await page.getByLabel("Error").fill("");
  await page.getByLabel("Body of the answer").fill('{"error":{"message":"Error validating access token","type":"OAuthException","code":190,"error_subcode":463}}');
  await page.getByLabel("Platform").selectOption({ label: "Facebook" });
  await page.getByLabel("HTTP status").fill("400");
  await page.getByRole("button", { name: "Explain it" }).click();
  await page.getByRole("heading", { name: "A token ends or has ended" }).waitFor();
  await page.getByRole("link", { name: "Reconnect" }).click();
  await page.getByRole("dialog", { name: "Connect Facebook" }).waitFor();
});

test("troubleshoot: from an account to its mending", async ({ page, connect, age }) => {
  const [id] = await connect("pinterest", { persona: "lena", refresh: "no" });
  await page.goto(`/troubleshoot?account=${id}`);
  await page.getByRole("heading", { name: /^Nothing is wrong with / }).waitFor();
  await age("pinterest", "lena", 0);
  await page.goto(`/accounts/${id}`);
  const health = page.getByRole("region", { name: "Health" });
  await health.getByText(/^Expired since just now · ./).waitFor();
  await health.getByText("The person whose account it is").waitFor();
  await page.getByRole("link", { name: "Troubleshoot", exact: true }).and(page.locator("main a")).click();
  await page.getByRole("heading", { name: /^What is wrong with / }).waitFor();
  await accessible(page);
  await page.getByRole("link", { name: "Reconnect", exact: true }).click();
  await page.waitForURL(`**/accounts/${id}/reconnect`);
});
