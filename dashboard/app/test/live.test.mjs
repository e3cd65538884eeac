import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { test, testSignedIn } from "./harness.mjs";

/**
 * Stands between a page and the server's websocket. close() ends the page's newest
 * one with a code; lose() leaves it open, and carries nothing any more. `after` takes
 * the place of the next cursor that the page resumes at. taken() resolves when the
 * page has dealt with a message that has a text in it.
 */
async function between(page) {
  const sockets = [];
  let heard = "";
  let answered = false;
  const lose = () => (sockets.at(-1).lost = true);
  const wire = {
    sockets,
    after: undefined,
    lose,
    close: (code) => lose() && sockets.at(-1).close({ code }),
    async taken(text) {
      await until(() => heard.includes(text));
      sockets.at(-1).send('{"type":"ping","payload":{"of":"test"}}');
      await until(() => answered);
    },
  };
  await page.routeWebSocket("**/graphql", (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      if (wire.after && text.includes('"after"')) {
        text = text.replace(/"after":"[^"]*"/, `"after":"${wire.after}"`);
        wire.after = undefined;
      }
      if (text.includes('"of":"test"')) answered = true;
      else if (!socket.lost) server.send(text);
    });
    server.onMessage((text) => {
      if (socket.lost) return;
      heard += text;
      socket.send(text);
    });
    sockets.push(socket);
  });
  return wire;
}

/** Resolves when a condition holds. */
async function until(condition) {
  for (const deadline = Date.now() + 15_000; !(await condition()); ) {
    assert(Date.now() < deadline, `never: ${condition}`);
    await setTimeout(20);
  }
}

test("live: back after every close, after sleep, and where the cursor is of no use", async ({ page, connect, age, ask }) => {
  const [id] = await connect("pinterest", { persona: "lena", refresh: "no" });
  await page.clock.install();
  const wire = await between(page);
  await page.goto(`/accounts/${id}`);
  const sign = page.locator(".live-sign");
  const status = page.locator(".account-head .badge").first();
  await sign.getByText("Live").waitFor();
  await page.clock.pauseAt(Date.now() + 10_000); // from here on time passes where the test says so

  for (const code of [1001, 1013, 4403, 4429]) {
    await wire.close(code);
    await sign.getByText("Reconnecting").waitFor();
    await page.clock.fastForward(5000); // the longest wait after one loss
    await sign.getByText("Live").waitFor();
  }

  // The machine sleeps for an hour: the socket looks open, and nothing comes.
  const newest = async () => (await ask("{ events(last: 1) { nodes { id type status } } }")).events.nodes[0];
  wire.lose();
  await age("pinterest", "lena", 7200);
  await until(async () => (await newest()).status === "EXPIRING_SOON");
  for (const [platform, persona] of [["pinterest", "oak"], ["tiktok", "mina"], ["twitter", "rowan"], ["twitter", "mika"]]) await connect(platform, { persona });
  const { id: last } = await newest();
  await page.clock.fastForward("01:00:00");
  await page.clock.fastForward(5000); // no answer to the ping
  await page.clock.fastForward(500); // the first wait
  await wire.taken(last);
  await page.clock.fastForward(300); // events are taken together
  await page.locator(".toast").getByText("5 accounts changed").waitFor();
  assert.match(await page.locator(".toast").innerText(), /1 will end soon\.( \d (was|were) (re)?connected\.)+/);
  await status.getByText("Expiring soon").waitFor();
  await page.clock.fastForward(1000);
  await page.locator(".fact", { hasText: "Access token" }).getByText(/^1 h 5\d min$/).waitFor(); // by the server's clock

  // The server can no longer say what was missed; then it cannot even read the cursor.
  for (const [cursor, seconds, becomes, word] of [["b3RoZXI6MQ", 0, "EXPIRED", "Expired"], ["?", 7200, "EXPIRING_SOON", "Expiring soon"]]) {
    wire.lose();
    await age("pinterest", "lena", seconds);
    await until(async () => (await newest()).status === becomes);
    wire.after = cursor;
    await page.evaluate(() => dispatchEvent(new Event("pageshow"))); // a silent socket is found out early
    await page.clock.fastForward(5000);
    await page.clock.fastForward(500);
    await status.getByText(word).waitFor();
    await page.locator(".feed > li").first().getByText(word).waitFor();
    await sign.getByText("Live").waitFor();
  }
});

testSignedIn("live: whose role changes goes on with the other one; whose credential is refused signs in again; who signs in meanwhile reads on", async ({ signIn }) => {
  const { page, context: browser } = await signIn("tom");
  const wire = await between(page);
  await page.goto("/settings/appearance");
  const sign = page.locator(".live-sign");
  const bulk = page.getByRole("link", { name: "Bulk connect" });
  await sign.getByText("Live").waitFor();
  await bulk.waitFor();

  const { context } = await signIn("olive");
  const tomBecomes = async (role) => {
    const query = `mutation { changeRole(input: { user: "tom", role: ${role} }) { userErrors { message } } }`;
    const answer = await context.request.post("/graphql", { data: { query } });
    assert.deepEqual(await answer.json(), { data: { changeRole: { userErrors: [] } } });
  };
  await tomBecomes("VIEWER");
  await bulk.waitFor({ state: "detached" });
  await sign.getByText("Live").waitFor();
  await tomBecomes("MEMBER");
  await bulk.waitFor();
  await sign.getByText("Live").waitFor();
  assert.equal(wire.sockets.length, 3, "sockets, of one page that was not loaded anew");

  // Somebody else signs in in another tab: nothing that this one holds is theirs.
  await browser.addCookies(await context.cookies());
  await wire.sockets.at(-1).close({ code: 4403 });
  await page.getByRole("button", { name: "Signed in as olive" }).waitFor();
  await sign.getByText("Live").waitFor();
  assert.equal(await page.evaluate(() => performance.getEntriesByType("navigation")[0].type), "reload");

  await wire.close(4401);
  await page.waitForURL("**/login?returnTo=%2Fsettings%2Fappearance");
});

test("alerts: notifications outside the page, for who wants them and looks elsewhere", async ({ page, connect, age }) => {
  const [id] = await connect("pinterest", { persona: "lena", refresh: "no" });
  await page.addInitScript(() => {
    window.made = [];
    window.asked = 0;
    window.Notification = class {
      static permission = "default";
      static async requestPermission() {
        window.asked++;
        return (Notification.permission = "granted");
      }
      constructor(title, options) {
        window.made.push(Object.assign(this, { title, ...options }));
      }
      close() {
        this.closed = true;
      }
    };
  });
  await page.goto("/");
  await page.locator(".live-sign").getByText("Live").waitFor();
  const told = (status) => page.locator(".toast", { hasText: status }).last().waitFor();
  await age("pinterest", "lena", 7200);
  await told("will end soon");
  assert.deepEqual(await page.evaluate(() => [window.asked, window.made.length]), [0, 0], "asked and notified before it was wanted");

  await page.getByRole("button", { name: /^Alerts/ }).click();
  await page.getByRole("button", { name: "Notify me outside this page, too" }).click();
  await page.getByText("This browser notifies you.").waitFor();
  await page.keyboard.press("Escape");
  await age("pinterest", "lena", 0);
  await told("has expired");
  assert.equal(await page.evaluate(() => window.made.length), 0, "notifications of what is being looked at");

  await page.evaluate(() => (document.hasFocus = () => false));
  await age("pinterest", "lena", 7200);
  await page.waitForFunction(() => window.made.length === 1);
  const { title, body } = await page.evaluate(() => window.made[0]);
  assert.deepEqual([title, body], ["lenakost (Pinterest)", "will end soon"]);
  await page.evaluate(() => window.made[0].onclick());
  await page.waitForURL(`**/accounts/${id}`);
  assert(await page.evaluate(() => window.made[0].closed), "the notification stays after it was followed");
});
