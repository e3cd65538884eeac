// Starts the browser of the browser tests. CHROMIUM is its path, unless it has a
// usual name.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

/** A browser that asks nobody for anything of its own accord. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || find("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Two pages that each window would load for its address bar.
      "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
    ],
  });
}

function find(...names) {
  for (const folder of process.env.PATH.split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not this one
      }
    }
  }
  throw new Error(`no browser: set CHROMIUM, or install one of ${names.join(", ")}`);
}
