import assert from "node:assert/strict";
import { accessible, test } from "./harness.mjs";

test("incident: told as it begins, shown while it lasts, told as it ends", async ({ page, connect, control, age, ask }) => {
  const ending = { persona: "lena", refresh: "no" };
  await connect("pinterest", ending);
  await age("pinterest", "lena", 0);
  await connect("pinterest", ending); // something has recovered today
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

  await connect("tiktok", { persona: "joris" }); // the platform takes the app's secret again
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
  await page.waitForFunction(([recovered, incidents]) => recovered.textContent !== "0" && incidents.textContent !== "0", [
    await card.locator("tbody tr:last-child td:nth-child(3)").elementHandle(),
    await card.locator("tbody tr:last-child td:nth-child(4)").elementHandle(),
  ]);
  const bars = await card.evaluate((card) => {
    const canvas = card.querySelector("canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const drawn = [...card.querySelectorAll(".u-series:not(:first-child) .u-marker")].map((marker) => {
      const columns = [];
      const [r, g, b] = getComputedStyle(marker).backgroundColor.match(/\d+/g).map(Number);
      for (let i = 0; i < data.length; i += 4) {
        if (data[i] === r && data[i + 1] === g && data[i + 2] === b) columns.push((i / 4) % canvas.width);
      }
      return columns;
    });
    const today = Math.max(...drawn.flat()) - canvas.width / 40; // a day is a thirtieth
    return drawn.map((columns) => columns.filter((column) => column > today)).map((columns) => [Math.min(...columns), Math.max(...columns)]);
  });
  for (const [i, [from, to]] of bars.entries()) {
    assert(from <= to && (i === 0 || bars[i - 1][1] < from), `the series of today are drawn from and to ${bars.join(" and ")}`);
  }
});
