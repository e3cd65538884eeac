/** The labels in a text that people have written, separated by commas. */
export const splitLabels = (text: string) => text.split(",").map((label) => label.trim()).filter(Boolean);
