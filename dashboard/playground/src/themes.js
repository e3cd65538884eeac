// The colours of GraphiQL's editors. Monaco knows no custom properties, so those
// of the dashboard (app/src/style/tokens.css) are looked up, once for each scheme.

import { editor } from "monaco-graphql/esm/monaco-editor.js";

/** The names of the themes, for GraphiQL. */
export const editorTheme = { light: "mooring-light", dark: "mooring-dark" };

/** Which token of the dashboard a piece of GraphQL or JSON has. */
const syntax = {
  "": "ink",
  comment: "ink-soft",
  keyword: "act",
  "keyword.json": "over",
  string: "good",
  "string.key.json": "ink",
  "string.value.json": "good",
  number: "over",
  "key.identifier.gql": "ink",
  "argument.identifier.gql": "warn",
  "type.identifier.gql": "over",
  delimiter: "ink-soft",
};

/** And a part of an editor. */
const parts = {
  "editor.foreground": "ink",
  "editorLineNumber.foreground": "ink-soft",
  "editorLineNumber.activeForeground": "ink",
  "editorCursor.foreground": "act",
  "editor.selectionBackground": "act-soft",
  "editorIndentGuide.background1": "line",
  "editorIndentGuide.activeBackground1": "line-strong",
  "editorBracketHighlight.foreground1": "ink",
  "editorBracketHighlight.foreground2": "act",
  "editorBracketHighlight.foreground3": "over",
  "editorWidget.background": "raised",
  "editorWidget.foreground": "ink",
  "editorWidget.border": "line",
  "editorHoverWidget.background": "raised",
  "editorSuggestWidget.background": "raised",
  "editorSuggestWidget.selectedBackground": "act-soft",
  "editorSuggestWidget.selectedForeground": "ink",
  "editorSuggestWidget.highlightForeground": "act",
  "editorSuggestWidget.focusHighlightForeground": "act",
  "list.hoverBackground": "hover",
  "list.highlightForeground": "act",
  "list.focusHighlightForeground": "act",
  "menu.background": "raised",
  "menu.foreground": "ink",
  "menu.selectionBackground": "act-soft",
  "menu.selectionForeground": "ink",
  "quickInput.background": "raised",
  "quickInputList.focusBackground": "act-soft",
  "quickInputList.focusForeground": "ink",
  "pickerGroup.foreground": "act",
  "input.background": "paper",
  "textLink.foreground": "act",
  "textLink.activeForeground": "act",
  "editorLink.activeForeground": "act",
  focusBorder: "act",
};

const probe = document.body.appendChild(document.createElement("i"));

/** A token's colour, as #rrggbb. */
function color(token, scheme) {
  probe.style.colorScheme = scheme;
  probe.style.color = `var(--${token})`;
  const channels = getComputedStyle(probe).color.match(/\d+/g).slice(0, 3);
  return `#${channels.map((n) => Number(n).toString(16).padStart(2, "0")).join("")}`;
}

for (const [scheme, name] of Object.entries(editorTheme)) {
  const colors = Object.fromEntries(Object.entries(parts).map(([part, token]) => [part, color(token, scheme)]));
  editor.defineTheme(name, {
    base: scheme === "dark" ? "vs-dark" : "vs",
    inherit: true,
    rules: Object.entries(syntax).map(([token, from]) => ({ token, foreground: color(from, scheme) })),
    // GraphiQL's own ground is behind the editors.
    colors: { ...colors, "editor.background": "#ffffff00", "scrollbar.shadow": "#ffffff00" },
  });
}
probe.remove();
