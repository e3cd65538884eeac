// Runs before the page is painted, so that it does not flash in the other
// colours. Small and apart for that reason.
import { storedTheme } from "./stored-theme";

const theme = storedTheme();
if (theme !== "system") document.documentElement.dataset.theme = theme;
