// Uses front-end.html in a real browser, as a person does:
//
//   node front-end-test.mjs PAGE API TOKEN USER HEALTHY ENDING ENDED
//
// PAGE is where the page is served, on another origin than API; the last three
// are ids of accounts in these states, of which ENDING and ENDED are LinkedIn's.
// The platforms have to be played by the sandbox. Exits with 0 when all is well,
// else prints what is not and exits with 1.

import assert from "node:assert/strict";
import { launch } from "../browser.mjs";

const [site, api, token, user, healthy, ending, ended] = process.argv.slice(2);
assert(ended, "usage: node front-end-test.mjs PAGE API TOKEN USER HEALTHY ENDING ENDED");

const browser = await launch();
const complaints = [];
try {
  await health();
  await troubleshoot();
  await quickConnect();
} catch (error) {
  complaints.unshift(error.stack);
} finally {
  await browser.close();
}
if (complaints.length) console.error(complaints.join("\n"));
process.exitCode = complaints.length ? 1 : 0;

/** The page for one account, with all that it loads. */
async function open(account) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack ?? error}`));
  page.on("console", (message) => message.type() === "error" && complaints.push(`console: ${message.text()}`));
  await page.goto(`${site}/front-end.html#${new URLSearchParams({ api, token, user, account })}`);
  await page.locator("#health[data-ready]").waitFor();
  await page.locator("#connect[data-ready]").waitFor();
  return page;
}

/** The widget tells the three states apart, and helps with what has ended. */
async function health() {
  for (const [account, status, words] of [
    [healthy, "healthy", /^twitter is connected: true$/],
    [ending, "expiring_soon", /^linkedin ends in 1 hours\s+\S+/],
    [ended, "expired", /^linkedin is disconnected\s+Reconnect your LinkedIn account\s+\S+/],
  ]) {
    const page = await open(account);
    const widget = page.locator("#health");
    assert.equal(await widget.getAttribute("data-status"), status, `status of ${account}`);
    assert.match((await widget.innerText()).trim(), words, `the widget of what is ${status}`);
    if (status === "expired") assert((await widget.locator("li").count()) > 1, "what has ended comes with steps");
    await page.close();
  }
}

/** An error in, solutions and a link to documentation out. */
async function troubleshoot() {
  const page = await open(healthy);
  for (const [platform, code, message, issue, words, docs] of [
    ["instagram", "190", "Error validating access token: Session has expired on Sunday", "expired_token", /reconnect/i, /facebook\.com/],
    ["google", "redirect_uri_mismatch", "", "redirect_uri_mismatch", new RegExp(`${api}/api/oauth/google_youtube/callback`), /google\.com/],
    ["myspace", "", "<img src=x onerror=alert(1)> it broke", "unknown", /\S+/, null],
  ]) {
    await page.locator("[name=platform]").fill(platform);
    await page.locator("[name=code]").fill(code);
    await page.locator("[name=message]").fill(message);
    await page.getByRole("button", { name: "What is wrong?" }).click();
    const answer = page.locator(`#answer[data-issue=${issue}]`);
    await answer.waitFor();
    assert.match(await answer.locator("ol").innerText(), words, `solutions of ${issue}`);
    if (docs) assert.match(await answer.getByRole("link").getAttribute("href"), docs, `the link of ${issue}`);
  }
  await page.close();
}

/** From the options to a connected account. */
async function quickConnect() {
  const page = await open(healthy);
  const options = page.locator("#connect button");
  assert.equal(await options.count(), 7, "options");
  assert.match(await options.first().innerText(), /^𝕏 X, 2 minutes$/, "the first option");
  await page.locator("[name=pinterest]").click();
  await page.waitForURL(`${api}/api/oauth/start/**`);
  await page.getByRole("button", { name: "Continue to Pinterest" }).click();
  await page.locator("button[value=approve]").click();
  await page.getByRole("heading", { name: "Pinterest is connected" }).waitFor();
}
