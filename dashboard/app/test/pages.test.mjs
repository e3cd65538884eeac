// The server's own pages, which are for people without a place in the dashboard.
import { accessible, approve, test, testSignedIn } from "./harness.mjs";

/** A mutation of a member, who passes the link on. */
async function asked({ signIn, secured }, mutation) {
  const { context } = await signIn("max");
  const response = await context.request.post(`${secured.url}/graphql`, { headers: { origin: secured.url }, data: { query: mutation } });
  return (await response.json()).data;
}

testSignedIn("pages: a link that was passed on, and a choice", async (known) => {
  const { connect } = await asked(known, `mutation { connect(input: { platform: "meta_facebook" }) { attempt { authorizationUrl } } }`);
  const { page } = await known.signIn();
  await page.goto(connect.attempt.authorizationUrl);
  await page.getByText("max of the workspace acme asks you").waitFor();
  await accessible(page);
  await page.getByRole("button", { name: "Continue to Facebook" }).click();
  await approve(page);
  const choice = page.getByRole("checkbox").first();
  await choice.waitFor();
  await accessible(page);
  await choice.check();
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByRole("heading", { name: "Facebook is connected" }).waitFor();
});

testSignedIn("pages: a link for several platforms", async (known) => {
  const { bulkConnect } = await asked(known, `mutation { bulkConnect(input: { platforms: ["pinterest", "tiktok"] }) { bulkConnect { nextAuthorizationUrl } } }`);
  const { page } = await known.signIn();
  await page.goto(bulkConnect.bulkConnect.nextAuthorizationUrl);
  await page.getByText("Connected so far: 0 of 2").waitFor();
  await accessible(page);
  await page.getByRole("button", { name: /^Continue to / }).click();
  await approve(page, { decision: "deny" });
  await page.getByText("was not connected").waitFor();
  await accessible(page);
  await page.getByRole("button", { name: /^Skip / }).click();
  await page.getByRole("heading", { name: "Connect TikTok" }).waitFor();
});

test("pages: an address that is nobody's", async ({ page, complaints }) => {
  await page.goto("/nonsense");
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  await accessible(page);
  await page.getByRole("link", { name: "Go to the overview" }).click();
  await page.getByRole("heading", { name: "Overview", exact: true }).waitFor();
  complaints.length = 0; // the browser reports the 404
});
