import assert from "node:assert/strict";
import { accessible, test, testSignedIn } from "./harness.mjs";

testSignedIn("overview: an empty workspace invites to connect", async ({ signIn }) => {
  const { page } = await signIn("nora");
  await page.goto("/");
  await page.getByRole("heading", { name: "Connect the first account" }).waitFor();
  await accessible(page);
  await page.getByRole("link", { name: "Connect an account" }).click();
  await page.waitForURL("**/connect");
});

test("overview: live", async ({ page, connect, age, ask }) => {
  await page.goto("/");
  await page.getByText("Live", { exact: true }).waitFor();
  await accessible(page);

  await connect("linkedin", { persona: "tomas", refresh: "no" });
  await page.locator(".toast").getByText(/was (re)?connected/).waitFor();
  await page.getByRole("heading", { name: "Next to need a person" }).waitFor();
  await page.locator(".calendar").waitFor();
  await page.locator(".chart canvas").first().waitFor();

  await age("linkedin", "tomas", 3600);
  await page.locator(".toast").getByText("will end soon").waitFor();
  await page.getByRole("button", { name: /^Alerts, [2-9] new/ }).waitFor();
  assert.match(await page.title(), /^\([2-9]\) Overview · Mooring$/);
  await page.locator(".account-line", { hasText: "Tomas Reyl" }).getByText("Expiring soon").waitFor();
  const { overview: after } = await ask("{ overview { byStatus { status count } } }");
  const ending = after.byStatus.find(({ status }) => status === "EXPIRING_SOON").count;
  await page.getByRole("link", { name: new RegExp(`^Expiring soon ${ending} `) }).waitFor();
  await page.getByRole("button", { name: /^Alerts/ }).click();
  await page.getByRole("button", { name: "Alerts", exact: true }).waitFor();
  assert.equal(await page.title(), "Overview · Mooring");
  await age("linkedin", "tomas", 0);
  await page.locator(".toast").getByText("has expired").waitFor();
  assert.equal(await page.locator(".toast", { hasText: "Tomas Reyl" }).count(), 1, "toasts of one account");
  await page.locator(".card", { hasText: "Needs a person now" }).getByText("Tomas Reyl").first().waitFor();
  await accessible(page);
});
