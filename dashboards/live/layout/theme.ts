import type { Theme } from "../charts/colors.ts";

export type ThemeChoice = "auto" | Theme;

const KEY = "integraviz-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** What was chosen on this page, where storage is forbidden and cannot tell. */
let chosen: string | null = null;

export function themeChoice(): ThemeChoice {
  const stored = read();
  return stored === "light" || stored === "dark" ? stored : "auto";
}

/** The theme in force. */
export function theme(): Theme {
  const choice = themeChoice();
  return choice === "auto" ? (system.matches ? "dark" : "light") : choice;
}

export function chooseTheme(choice: ThemeChoice) {
  chosen = choice;
  try {
    if (choice === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
  changed();
}

/** Tells the style sheet, which has each theme's colours once. */
export function applyTheme() {
  document.documentElement.dataset.theme = theme();
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return chosen;
  }
}

const listeners = new Set<() => void>();
system.addEventListener("change", changed);

function changed() {
  applyTheme();
  for (const listener of listeners) listener();
}

/** Returns what ends it. */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export interface Inks {
  text: string;
  muted: string;
  line: string;
  surface: string;
  track: string;
}

/** The style sheet's colours for what is drawn on a canvas. */
export function inks(): Inks {
  const style = getComputedStyle(document.documentElement);
  const ink = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return { text: ink("text"), muted: ink("muted"), line: ink("line"), surface: ink("surface"), track: ink("track") };
}
