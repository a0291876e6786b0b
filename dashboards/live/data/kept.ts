/**
 * Keeps a text for this origin, in all its windows. Where storage is forbidden it lasts as long as
 * the page.
 */
export function createKept(key: string) {
  let last: string | null = null;
  // What it answers once it was told nothing would be of before.
  let isForbidden = false;
  return {
    get(): string | null {
      if (isForbidden) return last;
      try {
        return localStorage.getItem(key);
      } catch {
        return last;
      }
    },
    /** null removes it. */
    set(text: string | null) {
      last = text;
      try {
        if (text === null) localStorage.removeItem(key);
        else localStorage.setItem(key, text);
      } catch {
        isForbidden = true;
      }
    },
  };
}
