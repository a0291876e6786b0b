import { afterEach, expect, test, vi } from "vitest";
import { createKept } from "../../../../dashboards/live/data/kept.ts";

afterEach(() => void vi.unstubAllGlobals());

const refuse = () => {
  throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
};

test.each([
  ["takes nothing more", { getItem: () => null, setItem: refuse, removeItem: () => {} }],
  ["holds what was there before", { getItem: () => "old", setItem: refuse, removeItem: refuse }],
  ["is forbidden", { getItem: refuse, setItem: refuse, removeItem: refuse }],
])("storage that %s: a text is kept as long as the page", (_, storage) => {
  vi.stubGlobal("localStorage", storage);
  const kept = createKept("token");
  kept.set("new");
  expect(kept.get()).toBe("new");
  kept.set(null);
  expect(kept.get()).toBeNull();
});
