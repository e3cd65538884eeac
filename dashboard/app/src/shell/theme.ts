import { createStore, useStore } from "../api/store";
import { storedTheme, themeKey, type Theme } from "./stored-theme";

export type { Theme };

const theme = createStore(storedTheme());

/** The colours chosen, and how to choose others. */
export function useTheme() {
  return [useStore(theme), chooseTheme] as const;
}

function chooseTheme(next: Theme) {
  theme.set(next);
  localStorage.setItem(themeKey, next);
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
}
