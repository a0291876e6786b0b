import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createViewState, DEFAULT_VIEW, formatView, parseView, type View } from "../../../dashboards/live/view.ts";

describe("a view in the address", () => {
  test("is empty for the default", () => {
    expect(formatView(DEFAULT_VIEW)).toBe("");
    expect(parseView("")).toEqual(DEFAULT_VIEW);
  });

  test("comes back as it went", () => {
    const text = fc.string({ minLength: 1 });
    const some = fc.array(text, { minLength: 1, maxLength: 4 });
    const list = fc.oneof(fc.constant<string[]>([]), some);
    const view: fc.Arbitrary<View> = fc.record({
      tab: fc.constantFrom("charts", "dashboards", "table", "sql"),
      project: fc.option(text),
      runs: fc.option(some),
      focus: fc.option(text),
      x: fc.constantFrom("epoch", "step", "time", "clock", null),
      pins: list,
      large: list,
      params: list,
      columns: fc.option(some),
      saved: fc.option(text),
      log: list,
      smoothing: fc.integer({ min: 0, max: 99 }).map((value) => value / 100),
      clip: fc.boolean(),
      splits: fc.constantFrom("all", "train", "validation"),
      groupBy: fc.option(text),
      band: fc.constantFrom("std", "range"),
      text,
      state: fc.constantFrom("running", "lost", null),
      archived: fc.boolean(),
      sort: text,
      metrics: text,
      dashboard: fc.option(text),
      only: list,
      sql: fc.option(text),
    });
    fc.assert(
      fc.property(view, (one) => {
        expect(parseView(`#${formatView(one)}`)).toEqual(one);
      }),
    );
  });

  test("leaves out what it does not understand", () => {
    expect(parseView("#tab=nonsense&x=parsec&smoothing=7&state=happy&unknown=1&band=")).toEqual({
      ...DEFAULT_VIEW,
      smoothing: 0.99,
    });
  });
});

describe("the view as it stands", () => {
  let history: ReturnType<typeof fakeHistory>;
  const fakeHistory = () => ({ replaceState: vi.fn(), pushState: vi.fn() });

  beforeEach(() => {
    vi.useFakeTimers();
    history = fakeHistory();
    vi.stubGlobal("history", history);
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("location", { hash: "", pathname: "/", search: "" });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  test("writes the address of a slider that moved once it rests, and of another tab at once", () => {
    const view = createViewState();
    for (let i = 1; i <= 90; i++) view.set({ smoothing: i / 100 });
    expect(history.replaceState).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(history.replaceState.mock.calls).toEqual([[null, "", "/#smoothing=0.9"]]);
    view.set({ smoothing: 0 });
    view.set({ tab: "table" });
    expect(history.replaceState.mock.lastCall).toEqual([null, "", "/"]);
    expect(history.pushState.mock.calls).toEqual([[null, "", "/#tab=table"]]);
  });

  test("loses no address when the page is left", () => {
    const view = createViewState();
    view.set({ smoothing: 0.5 });
    window.dispatchEvent(new Event("pagehide"));
    expect(history.replaceState.mock.lastCall).toEqual([null, "", "/#smoothing=0.5"]);
  });

  test("changes all the same where the browser refuses to be told so often", () => {
    history.pushState.mockImplementation(() => {
      throw new Error("SecurityError");
    });
    const view = createViewState();
    const changed: string[] = [];
    view.onChange((keys) => changed.push(...keys));
    view.set({ tab: "sql" });
    expect([view.get().tab, changed]).toEqual(["sql", ["tab"]]);
  });
});
