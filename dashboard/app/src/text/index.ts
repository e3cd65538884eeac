// The texts of the dashboard. Another language is a file beside en.ts with
// `export const xx: Texts = {…}` and an entry in `languages`: the compiler says
// what is missing.

import { en } from "./en";

export type Texts = typeof en;

const languages: Record<string, Texts> = { en };

/** The first of the reader's languages that there are texts in. */
const language = navigator.languages.map((tag) => tag.split("-")[0] ?? "").find((tag) => tag in languages) ?? "en";

document.documentElement.lang = language;

export const t = languages[language] ?? en;
