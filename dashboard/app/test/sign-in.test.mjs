import assert from "node:assert/strict";
import { accessible, testSignedIn } from "./harness.mjs";

testSignedIn("sign-in: whose session ends in another tab signs in again, and is led back", async ({ signIn, secured }) => {
  const { page, context, complaints } = await signIn("gus");
  await page.goto("/settings/appearance");
  await page.getByText("Live", { exact: true }).waitFor();
  const other = await context.newPage();
  await other.goto("/");
  await other.getByRole("button", { name: "Signed in as gus" }).click();
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.waitForURL(/\/login(\?|$)/); // its own socket may end, and lead there, before the form's answer
  await accessible(other);

  await page.waitForURL("**/login?returnTo=%2Fsettings%2Fappearance");
  await accessible(page);
  await page.getByRole("button", { name: "Sign in at 127.0.0.1" }).click();
  await page.waitForURL(`${secured.url}/settings/appearance`);
  await page.getByRole("heading", { name: "Appearance", level: 1 }).waitFor();
  const expected = /status of 401|^asked another host: http:\/\/127\.0\.0\.1:\d+\/authorize/;
  assert.deepEqual(complaints.splice(0).filter((complaint) => !expected.test(complaint)), []);
});

testSignedIn("sign-in: nobody sees a page of the dashboard, until they follow a link", async ({ signIn, secured: { url, links } }) => {
  const { page } = await signIn();
  await page.goto("/settings/audit?kind=people");
  await page.waitForURL("**/login?*");
  assert.equal(new URL(page.url()).searchParams.get("returnTo"), "/settings/audit?kind=people");
  await page.goto(links.lina);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(`${url}/`);
});
