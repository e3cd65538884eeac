import assert from "node:assert/strict";
import { accessible, approve, test } from "./harness.mjs";

test("reconnect: an expired account, by the wizard", async ({ page, context, connect, age, ask }) => {
  const [id] = await connect("linkedin", { persona: "tomas", refresh: "no" }, { labels: ["spring"] });
  await age("linkedin", "tomas", 0);
  await page.goto(`/accounts/${id}/reconnect`);
  await page.getByRole("heading", { name: /^Reconnect / }).waitFor();
  await page.getByText("Expired", { exact: true }).first().waitFor();
  await page.getByRole("heading", { name: "What will be asked for" }).waitFor();
  await page.getByRole("button", { name: "Copy the link" }).waitFor();
  await accessible(page);

  const opening = page.waitForEvent("popup");
  await page.getByRole("button", { name: "Reconnect", exact: true }).click();
  const popup = await opening;
  await approve(popup, { persona: "ines" });
  await page.getByText("LinkedIn could not be connected").waitFor();
  await page.getByRole("heading", { name: "What to do" }).waitFor();
  const again = page.waitForEvent("popup");
  await page.getByRole("button", { name: "Try again" }).click();
  await approve(await again, { persona: "tomas" });
  await page.getByText("LinkedIn is reconnected").waitFor();
  await page.locator(".subject .badge", { hasText: "Healthy" }).waitFor();
  await accessible(page);
  const { account } = await ask("query ($id: ID!) { account(id: $id) { reconnectUrl labels health { status } } }", { id });
  assert.deepEqual([account.labels, account.health.status], [["spring"], "HEALTHY"]);

  // The same by the link, as somebody does who has no place in the dashboard.
  const person = await context.newPage();
  await person.goto(account.reconnectUrl);
  await person.getByRole("heading", { name: "What you will be asked to permit" }).waitFor();
  await accessible(person);
  await person.getByRole("button", { name: "Reconnect" }).click();
  await approve(person, { persona: "tomas" });
  await person.getByRole("heading", { name: "LinkedIn is reconnected" }).waitFor();
  await accessible(person);
});

test("reconnect: an account that is not there", async ({ page }) => {
  await page.goto("/accounts/acc_0/reconnect");
  await page.getByRole("heading", { name: "There is no such account" }).waitFor();
});
