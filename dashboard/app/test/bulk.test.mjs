import assert from "node:assert/strict";
import { accessible, approve, test } from "./harness.mjs";

const paths = { X: "twitter", LinkedIn: "linkedin", YouTube: "google_youtube", Pinterest: "pinterest" };

test("bulk connect: four platforms, a no, a second try and a skip", async ({ page, context, ask }) => {
  await page.goto("/bulk");
  for (const name of Object.keys(paths)) await page.getByRole("checkbox", { name, exact: false }).and(page.getByLabel(name)).check();
  await page.getByText("labels for the accounts").click();
  await page.getByLabel("Labels").fill("in bulk");
  await accessible(page);
  const asked = page.waitForRequest((request) => request.postData()?.includes("mutation BulkConnect"));
  await page.getByRole("button", { name: "Begin with 4 platforms" }).click();
  assert.deepEqual((await asked).postDataJSON().variables.input.labels, ["in bulk"]);
  await page.waitForURL("**/bulk/blk_*");
  await page.getByText("0 of 4 connected").first().waitFor();
  await page.getByText(/Takes about \d+ minutes?/).waitFor();
  const status = (name) => page.locator(".bulk-items > li", { hasText: name }).locator(".badge").first();
  const names = await page.locator(".bulk-items strong").allInnerTexts();
  assert.equal(names.length, 4);

  const opening = page.waitForEvent("popup");
  await page.getByRole("button", { name: `Continue with ${names[0]}` }).click();
  let popup = await opening;
  await approve(popup); // leads to the second
  await page.getByText("1 of 4 connected").first().waitFor();
  assert.equal(await status(names[0]).innerText(), "Connected");
  await popup.waitForURL(`**/sandbox/${paths[names[1]]}/**`);
  await popup.close();
  const again = page.waitForEvent("popup");
  await page.locator(".bulk-items > li", { hasText: names[1] }).getByRole("button", { name: "Open the window again" }).click();
  popup = await again;
  await approve(popup, { decision: "deny" });
  await page.locator(".bulk-items > li", { hasText: names[1] }).getByRole("heading", { name: "The person said no" }).waitFor();
  assert.equal(await status(names[1]).innerText(), "Not connected");
  await accessible(page);

  const elsewhere = await context.newPage(); // another tab offers to go on with it
  await elsewhere.goto("/bulk");
  const offer = elsewhere.getByRole("listitem").filter({ hasText: "1 of 4 connected" });
  await offer.getByText("LinkedIn").waitFor();
  await accessible(elsewhere);
  await offer.getByRole("link", { name: "Go on" }).click();
  await elsewhere.waitForURL(page.url());
  await elsewhere.close();

  await page.locator(".bulk-items > li", { hasText: names[1] }).getByRole("button", { name: "Try again" }).click();
  await popup.waitForURL(`**/sandbox/${paths[names[1]]}/**`);
  await approve(popup);
  await page.getByText("2 of 4 connected").first().waitFor();
  await page.locator(".bulk-items > li", { hasText: names[2] }).getByRole("button", { name: "Skip" }).click();
  await page.locator(".bulk-items > li", { hasText: names[2] }).getByRole("button", { name: "Put it back" }).waitFor();
  const closed = popup.waitForEvent("close");
  const next = page.getByRole("button", { name: `Continue with ${names[3]}` });
  await next.click();
  await popup.waitForURL(`**/sandbox/${paths[names[3]]}/**`);
  await approve(popup);
  await page.getByText("Everything is connected or was skipped.").waitFor();
  await closed;
  await page.reload();
  await page.getByText("3 of 4 connected").first().waitFor();
  const { accounts } = await ask("{ accounts { totalCount } }");
  assert(accounts.totalCount >= 3);
});

test("bulk connect: given up, and one that is not there", async ({ page, ask }) => {
  const { bulkConnect } = await ask('mutation { bulkConnect(input: { platforms: ["twitter", "tiktok"] }) { bulkConnect { id } } }');
  const { id } = bulkConnect.bulkConnect;
  await page.goto("/bulk");
  const offer = page.getByRole("listitem").filter({ has: page.locator(`a[href="/bulk/${id}"]`) });
  await offer.getByRole("button", { name: "Stop here" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("What is connected stays.").waitFor();
  await dialog.getByRole("button", { name: "Stop here" }).click();
  await offer.waitFor({ state: "detached" });
  await page.goto(`/bulk/${id}`);
  await page.getByText("It was stopped.").waitFor();
  await page.goto("/bulk/blk_0");
  await page.getByRole("heading", { name: "There is no such bulk connect" }).waitFor();
});
