import assert from "node:assert/strict";
import { accessible, test } from "./harness.mjs";

test("incident: told as it begins, shown while it lasts, told as it ends", async ({ page, connect, control, ask }) => {
  const [id] = await connect("tiktok", { persona: "mina" });
  await page.goto("/");
  await page.locator(".live-sign").getByText("Live").waitFor();
  await control("POST", "faults", { platform: "tiktok", endpoint: "token", status: 401, body: '{"error":"invalid_client"}', times: 1 });
  await ask("mutation ($id: ID!) { refresh(input: { accountId: $id, force: true }) { userErrors { code } } }", { id });
  await page.locator(".toast").getByText("TikTok has trouble").waitFor();
  const note = page.locator(".note").getByText("TikTok has trouble");
  await note.waitFor();
  await accessible(page);

  await page.goto(`/accounts/${id}`);
  await note.waitFor();

  await connect("tiktok", { persona: "mina" }); // the platform takes the app's secret again
  await page.locator(".toast").getByText("TikTok works again").waitFor();
  await note.waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("heading", { name: "Refreshing" }).waitFor();
  assert.equal(await note.count(), 0, "notes of an incident that is over");
  const feed = page.getByRole("list", { name: "What happens" });
  await feed.getByText("Incident opened").first().waitFor();
  await feed.getByText("Incident over").first().waitFor();

  // Each series has bars of its own: none is behind another.
  const card = page.locator(".card", { has: page.getByRole("heading", { name: "Breaks and incidents a day" }) });
  const today = card.locator("tbody tr").last().locator("td");
  await page.waitForFunction((incidents) => incidents.textContent !== "0", await today.last().elementHandle());
  const counts = (await today.allInnerTexts()).map(Number);
  const drawn = await card.locator("canvas").evaluate((canvas) => {
    const colors = [...document.querySelectorAll(".charts > :last-child .u-series:not(:first-child) .u-marker")].map((marker) => getComputedStyle(marker).backgroundColor);
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Map();
    for (let i = 0; i < data.length; i += 4) {
      const color = `rgb(${data[i]}, ${data[i + 1]}, ${data[i + 2]})`;
      pixels.set(color, (pixels.get(color) ?? 0) + 1);
    }
    return colors.map((color) => pixels.get(color) ?? 0);
  });
  for (const [i, count] of counts.entries()) assert.equal(drawn[i] > 20, count > 0, `bars for ${counts} have ${drawn} pixels`);
});
