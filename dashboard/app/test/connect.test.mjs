import assert from "node:assert/strict";
import { accessible, approve, test } from "./harness.mjs";

const platforms = {
  twitter: "X", meta_facebook: "Facebook", meta_instagram: "Instagram", linkedin: "LinkedIn",
  google_youtube: "YouTube", tiktok: "TikTok", pinterest: "Pinterest",
};

test("connect: each platform, by a window of its own", async ({ page, context, ask }) => {
  await page.goto("/connect");
  await page.getByRole("article", { name: "X", exact: true }).waitFor();
  await accessible(page);
  const order = await page.getByRole("article").evaluateAll((cards) => cards.map((card) => card.ariaLabel));
  assert.deepEqual(order, (await ask("{ platforms { displayName } }")).platforms.map(({ displayName }) => displayName));

  // X cuts its window off from the page, as any platform may: it looks closed then.
  await context.route("**/api/oauth/start/*", async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    const severed = response.headers().location.includes("/twitter/");
    await route.fulfill({ response, headers: { ...response.headers(), ...(severed && { "Cross-Origin-Opener-Policy": "same-origin" }) } });
  });
  for (const name of Object.values(platforms)) {
    await page.getByRole("button", { name: `Connect ${name}`, exact: true }).click();
    const dialog = page.getByRole("dialog", { name: `Connect ${name}` });
    const opening = page.waitForEvent("popup");
    await dialog.getByRole("button", { name: `Continue to ${name}` }).click();
    const popup = await opening;
    await dialog.getByRole("heading", { name: `Go on in the window of ${name}` }).waitFor();
    if (name === "X") await dialog.getByText("Did you close the window?").waitFor();
    const closed = popup.waitForEvent("close");
    await approve(popup);
    const chosen = dialog.getByRole("button", { name: /^Connect \d|^Connect$/ });
    await dialog.getByText(`${name} is connected`).or(chosen).first().waitFor();
    if (await chosen.isVisible()) {
      const known = await dialog.getByText("already connected").count(); // by an earlier try
      assert.equal(await chosen.isDisabled(), known === 0, "nothing is chosen yet");
      if (name === "Facebook") await postpone(page);
      if (known === 0) await dialog.getByRole("button", { name: "Choose all" }).click();
      if (name === "Facebook") await accessible(page);
      await chosen.click();
      await dialog.getByText(`${name} is connected`).waitFor();
    }
    if (name === "X") await popup.close(); // nobody else can
    await closed;
    await dialog.getByRole("link", { name: "Open the account" }).first().waitFor();
    await dialog.getByRole("button", { name: "Done" }).click();
  }
});

/** Closes the dialog of a choice, which is offered again, also after a reload. */
async function postpone(page) {
  await page.keyboard.press("Escape");
  await page.getByText("Facebook is not connected yet").waitFor();
  await page.reload();
  const offer = page.getByRole("region", { name: "Not finished yet" });
  await offer.getByText("Facebook").waitFor();
  await accessible(page);
  await offer.getByRole("link", { name: "Choose" }).click();
}

test("connect: a no, and its diagnosis", async ({ page }) => {
  await page.goto("/connect?platform=pinterest");
  const dialog = page.getByRole("dialog", { name: "Connect Pinterest" });
  const opening = page.waitForEvent("popup");
  await dialog.getByRole("button", { name: "Continue to Pinterest" }).click();
  await approve(await opening, { decision: "deny" });
  await dialog.getByText("Pinterest could not be connected").waitFor();
  await dialog.getByRole("heading", { name: "The person said no" }).waitFor();
  await dialog.getByRole("heading", { name: "What to do" }).waitFor();
  await accessible(page);

  await page.route("**/graphql", (route) => {
    if (!/mutation Connect\b/.test(route.request().postData())) return route.continue();
    const userErrors = [{ __typename: "UserError", code: "RATE_LIMITED", message: "Not so often.", diagnosis: null }];
    return route.fulfill({ json: { data: { __typename: "Mutation", connect: { __typename: "ConnectPayload", attempt: null, userErrors } } } });
  });
  await dialog.getByRole("button", { name: "Try again" }).click();
  await dialog.getByText("Not so often.").waitFor();
  await page.unroute("**/graphql");

  const again = page.waitForEvent("popup");
  await dialog.getByRole("button", { name: "Try again" }).click();
  await (await again).close();
  await dialog.getByText("Did you close the window?").waitFor();
  const reopened = page.waitForEvent("popup");
  await dialog.getByRole("button", { name: "Open the window again" }).click();
  const popup = await reopened;
  await page.reload(); // the address knows the attempt
  await dialog.getByRole("heading", { name: "Go on in the window of Pinterest" }).waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.getByText("It was cancelled").waitFor();
  await popup.close();
});

test("connect: without a window of its own the page goes and comes back, with labels and without posting", async ({ page, ask }) => {
  await page.addInitScript(() => (window.open = () => null));
  await page.goto("/connect?platform=twitter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("More", { exact: false }).first().click();
  const posting = dialog.getByRole("listitem").filter({ hasText: "Create posts" });
  assert.equal(await posting.count(), 1);
  await dialog.getByRole("checkbox", { name: "Post", exact: true }).uncheck();
  assert.equal(await posting.count(), 0, "posting is not asked for");
  assert(await dialog.getByRole("checkbox", { name: "Read the profile" }).isDisabled());
  await dialog.getByLabel("Labels").fill("summer, uk");
  await accessible(page);
  await dialog.getByRole("button", { name: "Continue to X" }).click();
  await page.waitForURL("**/sandbox/**");
  await approve(page);
  await page.waitForURL("**/connect?attempt=att_*");
  await dialog.getByText("X is connected").waitFor();
  const { connectAttempt } = await ask("query ($id: ID!) { connectAttempt(id: $id) { scopes accounts { labels } } }", { id: new URL(page.url()).searchParams.get("attempt") });
  assert(!connectAttempt.scopes.includes("tweet.write"), connectAttempt.scopes.join(" "));
  assert.deepEqual(connectAttempt.accounts[0].labels, ["summer", "uk"]);
});

test("connect: prerequisites, with fixes to copy", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/connect?platform=meta_instagram");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: /With Instagram/ }).check();
  await dialog.getByText("Prerequisites").click();
  await dialog.getByText(/checks? passed/).waitFor();
  await dialog.getByText("How to set it up").click();
  await dialog.getByRole("button", { name: /^Copy: http.*callback$/ }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/api\/oauth\/instagram\/callback$/);
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined })); // as without https
  await dialog.getByRole("button", { name: /^Copy: http.*callback$/ }).click();
  await dialog.getByText("Select the text and copy it").waitFor();
  await accessible(page);
});
