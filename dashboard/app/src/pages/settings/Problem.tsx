import type { CombinedError } from "urql";
import { t } from "../../text";
import { Note } from "../../ui/states";

/** What a change was refused for; nothing if it was not. */
export function Problem({ error, userErrors = [] }: { error?: CombinedError; userErrors?: { message: string }[] }) {
  const messages = error ? [error.networkError && !error.response ? t.error.network : (error.graphQLErrors[0]?.message ?? t.error.server)] : userErrors.map(({ message }) => message);
  if (messages.length === 0) return null;
  return (
    <Note tone="bad" title={t.settings.refused}>
      {messages.map((message) => <p key={message}>{message}</p>)}
    </Note>
  );
}
