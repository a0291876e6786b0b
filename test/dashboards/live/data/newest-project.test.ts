import { describe, expect, test } from "vitest";
import { Problem } from "../../../../dashboards/live/data/api.ts";
import { projectToOpen } from "../../../../dashboards/live/data/newest-project.ts";
import type { RunsQuery } from "../../../../functions/stores/store.ts";
import { runOf } from "./events.ts";

const LAST: Record<string, string> = { b: "2026-11-24T12:00:00Z", c: "2026-11-24T13:00:00Z" };

const api = {
  async runs({ project }: RunsQuery) {
    if (project === "refused") throw new Problem(403, "No.");
    const last_event_at = LAST[project];
    return { runs: last_event_at ? [runOf({ last_event_at })] : [], next: null, cursor: "0" };
  },
};

describe("the project to open", () => {
  test.each([
    ["the one that is asked for", ["a", "b", "c"], "b", "b"],
    ["the one with the newest event", ["a", "b", "c"], null, "c"],
    ["the one with the newest event where another is asked for that is not there", ["a", "b"], "gone", "b"],
    ["one that answers", ["refused", "b"], null, "b"],
    ["the first where none has a run", ["x", "y"], null, "x"],
    ["the default where there is none", [], null, "default"],
  ])("is %s", async (_, projects, asked, opened) => {
    expect(await projectToOpen(api, projects, asked)).toBe(opened);
  });
});
