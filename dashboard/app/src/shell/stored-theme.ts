export type Theme = "system" | "light" | "dark";

export const themeKey = "mooring-theme";

/** What the reader has chosen in this browser. */
export function storedTheme(): Theme {
  const stored = localStorage.getItem(themeKey);
  return stored === "light" || stored === "dark" ? stored : "system";
}
