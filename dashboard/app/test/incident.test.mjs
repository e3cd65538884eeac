import { accessible, test } from "./harness.mjs";

test("incident: told as it begins, and shown while it lasts", async ({ page, connect, control, ask }) => {
  const [id] = await connect("tiktok", { persona: "mina" });
  await page.goto("/");
  await page.locator(".live-sign").getByText("Live").waitFor();
  await control("POST", "faults", { platform: "tiktok", endpoint: "token", status: 401, body: '{"error":"invalid_client"}', times: 1 });
  await ask("mutation ($id: ID!) { refresh(input: { accountId: $id, force: true }) { userErrors { code } } }", { id });
  await page.locator(".toast").getByText("TikTok has trouble").waitFor();
  await page.locator(".note").getByText("TikTok has trouble").waitFor();
  await accessible(page);
});
