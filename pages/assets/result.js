// In a popup: tell the page that opened it, then close. Only a page of an allowed origin hears it.
const { attempt, status, origins } = document.querySelector("main").dataset;
if (window.opener && attempt && origins) {
  for (const origin of origins.split(" ")) {
    window.opener.postMessage({ type: "mooring:attempt", id: attempt, status }, origin);
  }
  if (status === "COMPLETED" || status === "AWAITING_SELECTION") setTimeout(() => window.close(), 1500);
}
