// Runs the dashboard's browser tests against two running servers whose platforms
// are played by the sandbox: one where nobody has to sign in, and one where people
// do, which is told as JSON with its url and a sign-in link for each of the users
// that the tests name:
//
//   node app/test/run.mjs BASE_URL SECURED [PART_OF_A_NAME]
//
// Exits with 0 when all is well, else prints what is not and exits with 1.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { launch } from "../../browser.mjs";
import { runTests } from "./harness.mjs";

const [base, secured, only] = process.argv.slice(2);
assert(secured, "usage: node app/test/run.mjs BASE_URL SECURED [PART_OF_A_NAME]");

for (const file of readdirSync(new URL(".", import.meta.url)).sort()) {
  if (file.endsWith(".test.mjs")) await import(`./${file}`);
}
const browser = await launch();
const failures = await runTests(browser, base, { only, secured: JSON.parse(secured) }).finally(() => browser.close());
if (failures.length) console.error(failures.join("\n\n"));
process.exitCode = failures.length ? 1 : 0;
