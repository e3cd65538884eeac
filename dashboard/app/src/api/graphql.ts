// Documents are written where they are used, as text, and are typed by what
// `npm run generate` finds in them. The generated files hold every document of
// the app once more, parsed; only their types are imported here, so a page's
// documents come with the page.

import { gql } from "urql";
import type { graphql as typed } from "./gen/gql";

const fragments = new Map<string, string>();

/**
 * A typed document. A fragment is known by its name to all documents that are
 * made after it: import the module that has it.
 */
export const graphql = ((source: string) => {
  const name = /^\s*fragment\s+(\w+)/.exec(source)?.[1];
  if (name) fragments.set(name, source);
  return gql([source, ...spreadBy(source).values()].join("\n"));
}) as unknown as typeof typed;

/** The fragments that a text spreads, and those that they spread, by name. */
function spreadBy(source: string, found = new Map<string, string>()) {
  for (const [, name = ""] of source.matchAll(/\.\.\.\s*([A-Z]\w*)/g)) {
    if (found.has(name)) continue;
    const fragment = fragments.get(name);
    if (!fragment) throw new Error(`fragment ${name} is not known yet: import the module that has it`);
    found.set(name, fragment);
    spreadBy(fragment, found);
  }
  return found;
}
