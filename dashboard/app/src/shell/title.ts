import { createStore } from "../api/store";
import { t } from "../text";

/** The name of the page that is shown. */
export const pageTitle = createStore("");

/** How many alerts nobody has looked at. */
export const unseenAlerts = createStore(0);

// The tab tells of alerts even while it is behind others.
function write() {
  const unseen = unseenAlerts.get() ? `(${unseenAlerts.get()}) ` : "";
  document.title = `${unseen}${pageTitle.get() ? `${pageTitle.get()} · ` : ""}${t.product}`;
}

pageTitle.subscribe(write);
unseenAlerts.subscribe(write);
