// The server's clock. The moments that the API tells are counted from it, however
// wrong the browser's own clock is.

let ahead = 0; // milliseconds from the browser's clock to the server's

/** The present moment by the server's clock, in milliseconds. */
export const serverNow = () => Date.now() + ahead;

/** As fetch, and learns from the answer's Date how far the server's clock is ahead. */
export async function timedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const asked = Date.now();
  const response = await fetch(input, init);
  const date = Date.parse(response.headers.get("date") ?? "");
  // Date has whole seconds, and was written between the question and its answer.
  if (date) ahead = Math.min(Math.max(ahead, date - Date.now()), date + 1000 - asked);
  return response;
}
