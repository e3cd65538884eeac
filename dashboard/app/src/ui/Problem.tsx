import type { CombinedError } from "urql";
import { explain } from "../api/errors";
import { t } from "../text";
import { Note } from "./states";

/** What a change was refused for; nothing if it was not. */
export function Problem({ error, userErrors = [] }: { error?: CombinedError; userErrors?: { message: string }[] }) {
  const messages = error ? [explain(error)] : userErrors.map(({ message }) => message);
  if (messages.length === 0) return null;
  return (
    <Note tone="bad" title={t.error.refused}>
      {messages.map((message) => <p key={message}>{message}</p>)}
    </Note>
  );
}
