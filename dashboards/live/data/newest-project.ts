import type { Api } from "./api.ts";

/** Of more projects than this only the first are asked. */
const MOST_ASKED = 20;

/** The project to open: the one that is asked for, else the one with the newest event. */
export async function projectToOpen(api: Pick<Api, "runs">, projects: readonly string[], asked: string | null) {
  if (asked !== null && projects.includes(asked)) return asked;
  const first = projects[0] ?? "default";
  if (projects.length < 2) return first;
  const newest = await Promise.all(projects.slice(0, MOST_ASKED).map((project) => lastEvent(api, project)));
  const latest = newest.reduce((best, time, i) => (time > newest[best]! ? i : best), 0);
  return projects[latest] ?? first;
}

/** When a project was last heard of, ms since 1970; 0 where it has no run or does not say. */
async function lastEvent(api: Pick<Api, "runs">, project: string): Promise<number> {
  const page = await api.runs({ project, sort: "-last_event_at", limit: 1 }).catch(() => null);
  return Date.parse(page?.runs[0]?.last_event_at ?? "") || 0;
}
