import type { Theme } from "../charts/colors.ts";
import { createKept } from "../data/kept.ts";

export type ThemeChoice = "auto" | Theme;

const kept = createKept("integraviz-theme");
const system = matchMedia("(prefers-color-scheme: dark)");

export function themeChoice(): ThemeChoice {
  const stored = kept.get();
  return stored === "light" || stored === "dark" ? stored : "auto";
}

/** The theme in force. */
export function theme(): Theme {
  const choice = themeChoice();
  return choice === "auto" ? (system.matches ? "dark" : "light") : choice;
}

export function chooseTheme(choice: ThemeChoice) {
  kept.set(choice === "auto" ? null : choice);
  changed();
}

/** Tells the style sheet, which has each theme's colours once. */
export function applyTheme() {
  document.documentElement.dataset.theme = theme();
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
  danger: string;
  warn: string;
  good: string;
}

/** The style sheet's colours for what is drawn on a canvas. */
export function inks(): Inks {
  const style = getComputedStyle(document.documentElement);
  const ink = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: ink("text"),
    muted: ink("muted"),
    line: ink("line"),
    surface: ink("surface"),
    track: ink("track"),
    danger: ink("danger"),
    warn: ink("warn"),
    good: ink("good"),
  };
}
