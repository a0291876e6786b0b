import type { JsonObject } from "../json.ts";
import { refuseProblems } from "../panel-problem.ts";
import type { Provisioned } from "../provisioned.ts";
import type { Send } from "../send.ts";
import type { DashboardSpec } from "../spec.ts";
import type { Target } from "../target.ts";
import { type Compiled, compile } from "./compile.ts";
import { numbersOf, type Operation, type Orphan, plan } from "./plan.ts";
import { resolved } from "./reference.ts";
import type { Session } from "./session.ts";
import { readState, type Standing, type State } from "./state.ts";
import { queryPath, verify } from "./verify.ts";

type Where = Pick<Target, "name" | "url" | "site" | "reader">;

/**
 * Makes Metabase show the dashboards: one request for each thing that differs, then a query for
 * each panel. What to do is worked out of what stands, so that run again after a crash it goes on.
 * Throws an error that names the first panel without data; but one of a custom metric is told
 * alone, as it spoils no other.
 * @param metricFiles the file of each custom metric, by its view
 */
export async function provision(
  { send, site }: Session,
  target: Where,
  specs: readonly DashboardSpec[],
  metricFiles: ReadonlyMap<string, string>,
): Promise<Provisioned> {
  const compiled = compile(specs, target);
  const before = await readState(send, target.name, site);
  const operations = plan(compiled, before, await orphans(send, compiled, before));
  await execute(send, operations, numbersOf(before));
  const state = operations.length > 0 ? await readState(send, target.name, target.site ?? site) : before;
  const warnings = refuseProblems(await verify(send, compiled.panels, state), metricFiles);
  const numbers = numbersOf(state);
  // Metabase keeps no refresh: only an address says it.
  const urls = Object.entries(compiled.refresh).map(([key, seconds]) => [
    key,
    `${target.site ?? target.url}/dashboard/${numbers.get(`dashboards/${key}`)}#refresh=${seconds}`,
  ]);
  return { database: state.database!.id, urls: Object.fromEntries(urls), changed: told(operations), warnings };
}

/** What provisioning would change, and which panels have no data; nothing is written. */
export async function drift(
  { send, site }: Session,
  target: Where,
  specs: readonly DashboardSpec[],
): Promise<string[]> {
  const compiled = compile(specs, target);
  const state = await readState(send, target.name, site);
  const operations = plan(compiled, state, await orphans(send, compiled, state));
  const standing = compiled.panels.filter((panel) => queryPath(panel, state) !== null);
  const problems = await verify(send, standing, state);
  return [...told(operations), ...problems.map(({ panel, message }) => `panel ${panel}: ${message}`)];
}

/** Some things take two requests. */
const told = (operations: readonly Operation[]): string[] => [
  ...new Set(operations.map(({ asset, is }) => `${asset} is ${is}`)),
];

async function execute(send: Send, operations: readonly Operation[], known: ReadonlyMap<string, number>) {
  const numbers = new Map(known);
  for (const { method, path, of, body, makes } of operations) {
    const to = of === undefined ? path : path.replace(":id", String(numbers.get(of)));
    const answer = await send(method, to, body && (resolved(body, numbers) as JsonObject));
    if (makes !== undefined) numbers.set(makes, answer.body.id);
  }
}

/**
 * What is ours and wanted no longer, in the order in which it can go: a dashboard in the trash is
 * not known to be ours.
 */
async function orphans(send: Send, compiled: Compiled, { cards, dashboards }: State): Promise<Orphan[]> {
  const unwanted = (kind: Orphan["kind"], standing: Standing[], wanted: { key: string }[]) => {
    const kept = wanted.map(({ key }) => standing.find((one) => one.key === key));
    return standing
      .filter((one) => !kept.includes(one))
      .map(({ id, content }): Orphan => ({ path: `${kind}s/${content.name}`, kind, id }));
  };
  const ours = new Set(dashboards.map(({ id }) => id));
  const free: Orphan[] = [];
  for (const one of unwanted("card", cards, compiled.cards)) {
    const { body } = await send("GET", `/api/card/${one.id}/dashboards`);
    // One that a person put on a dashboard of theirs stays.
    if ((body as { id: number }[]).every(({ id }) => ours.has(id))) free.push(one);
  }
  return [...free, ...unwanted("dashboard", dashboards, compiled.dashboards)];
}
