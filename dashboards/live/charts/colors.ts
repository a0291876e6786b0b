/**
 * Ten hues that stay apart for the common kinds of colour blindness by lightness as well as hue;
 * each has a shade for light and one for dark ground with a contrast of at least 3:1 to it.
 */
const HUES = [
  { light: "#0b6fb8", dark: "#56b1f2" },
  { light: "#c2500a", dark: "#ff9a4d" },
  { light: "#0a8266", dark: "#2fd3a6" },
  { light: "#a9348a", dark: "#ee86d2" },
  { light: "#8a6a00", dark: "#e6c13a" },
  { light: "#5a4fcf", dark: "#a79ffb" },
  { light: "#3f4d63", dark: "#c6d0e0" },
  { light: "#1f8595", dark: "#62d7e8" },
  { light: "#5c6b1c", dark: "#b9cf5d" },
  { light: "#6d4c41", dark: "#cfa48f" },
] as const;

export type Theme = "light" | "dark";

export type Colors = ReturnType<typeof createColors>;

/**
 * A colour for every run (or group), the same whenever and wherever it is shown. It starts from a
 * hash of the name and steps on where a neighbour has it already; once given it stays, unless two
 * that are shown together have the same.
 */
export function createColors() {
  const given = new Map<string, number>();

  function free(name: string, taken: ReadonlySet<number>): number {
    const first = given.get(name) ?? hash(name) % HUES.length;
    for (let step = 0; step < HUES.length; step++) {
      const index = (first + step) % HUES.length;
      if (!taken.has(index)) return index;
    }
    return first;
  }

  return {
    /** Gives colours to all that are known, in an order that does not depend on what is shown. */
    introduce(names: readonly string[]) {
      names.forEach((name, i) => {
        if (given.has(name)) return;
        const before = names.slice(Math.max(0, i - HUES.length + 1), i);
        given.set(name, free(name, new Set(before.flatMap((one) => given.get(one) ?? []))));
      });
    },
    /** Sees to it that those shown together differ, as far as there are colours. */
    together(names: readonly string[]) {
      const taken = new Set<number>();
      for (const name of names) {
        const index = free(name, taken);
        taken.add(index);
        given.set(name, index);
      }
    },
    of: (name: string, theme: Theme): string => HUES[given.get(name) ?? hash(name) % HUES.length]![theme],
  };
}

/** FNV-1a, 32 bit. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}
