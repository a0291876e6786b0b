import { decimate } from "../../dashboards/live/decimate.ts";
import { placeOf, pointsOf, type XKind } from "../../dashboards/live/event-points.ts";
import { type AuditEntry, applyEvent, newRun } from "../../dashboards/live/run-events.ts";
import { nonFiniteName } from "../../dashboards/live/values.ts";
import type {
  RunDetail,
  RunsPage,
  RunWithSummary,
  Series,
  SeriesPage,
  StreamedEvent,
} from "../../functions/stores/store.ts";

/** An event to be logged; what is left out is made up. */
export type Logged = Pick<StreamedEvent, "run" | "kind"> & Partial<StreamedEvent>;

export type FakeLog = ReturnType<typeof createFakeLog>;

/** The log of one project in memory, which answers what the store answers. A cursor is a count of events. */
export function createFakeLog(project: string) {
  const events: StreamedEvent[] = [];

  function append(logged: Logged): StreamedEvent {
    const seq = events.length + 1;
    const event: StreamedEvent = {
      event_id: `event-${seq}`,
      writer: "",
      seq,
      actor: null,
      epoch: null,
      step: null,
      batch: null,
      at: Date.now(),
      logs: null,
      ...logged,
    };
    events.push(event);
    return event;
  }

  function allRuns(): RunWithSummary[] {
    const runs = new Map<string, RunWithSummary>();
    for (const event of events) {
      if (event.kind === "purge") {
        runs.delete(event.run);
        continue;
      }
      const run = runs.get(event.run) ?? newRun(project, event);
      runs.set(event.run, run);
      applyEvent(run, event);
    }
    return [...runs.values()];
  }

  const cursor = () => String(events.length);

  return {
    events,
    append,
    cursor,
    runs(search: URLSearchParams): RunsPage {
      const text = (search.get("text") ?? "").toLowerCase();
      const archived = search.get("archived");
      const limit = Number(search.get("limit") ?? 100);
      const from = Number(search.get("page") ?? 0);
      const found = allRuns()
        .filter((run) => archived === null || run.archived === (archived === "true"))
        .filter((run) => run.name.toLowerCase().includes(text) || run.run.toLowerCase().includes(text))
        .sort((a, b) => b.started_at.localeCompare(a.started_at));
      const runs = found
        .slice(from, from + limit)
        .map((run) => ({ ...run, summary: run.summary.filter((row) => row.level === "epoch") }));
      return { runs, next: from + limit < found.length ? String(from + limit) : null, cursor: cursor() };
    },
    run(id: string): RunDetail | null {
      const run = allRuns().find((one) => one.run === id);
      if (!run) return null;
      const audit = events
        .filter((event) => event.run === id && event.actor !== null)
        .map(({ kind, actor, at, logs }): AuditEntry => ({ kind, actor, at: new Date(at).toISOString(), logs }));
      const asked = audit.findLast((entry) => entry.kind === "stop_requested");
      const stop =
        asked && run.state === "running"
          ? { event_id: asked.at, actor: asked.actor, reason: null, at: asked.at }
          : null;
      return { ...run, audit, stop };
    },
    series(search: URLSearchParams): SeriesPage {
      const x = (search.get("x") ?? "step") as XKind;
      const level = search.get("level");
      const series = new Map<string, Series>();
      for (const event of events) {
        const place = placeOf(event, x);
        if (place === null || !search.getAll("run").includes(event.run)) continue;
        for (const point of pointsOf(event)) {
          if (!search.getAll("metric").includes(point.metric) || (level !== null && level !== point.level)) continue;
          const key = [event.run, point.metric, point.split, point.level].join("\n");
          const { value, ...what } = point;
          const one = series.get(key) ?? { run: event.run, ...what, total: 0, x: [], y: [], marks: [] };
          series.set(key, one);
          if (!Number.isFinite(value)) one.marks.push([one.x.length, nonFiniteName(value)]);
          one.x.push(place);
          one.y.push(Number.isFinite(value) ? value : null);
          one.total++;
        }
      }
      const points = Number(search.get("points") ?? 500);
      return { series: [...series.values()].map((one) => ({ ...one, ...decimate(one, points) })), cursor: cursor() };
    },
  };
}
