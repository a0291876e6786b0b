import { refuseProblems } from "../panel-problem.ts";
import type { Provisioned } from "../provisioned.ts";
import { HttpError, type Send } from "../send.ts";
import type { DashboardSpec } from "../spec.ts";
import type { Target } from "../target.ts";
import { bundle } from "./bundle.ts";
import { type Compiled, compile, DATABASE_FILE } from "./compile.ts";
import { type SplitConnection, splitConnection, supersetDatabase } from "./database.ts";
import { type Difference, differences } from "./differences.ts";
import { readState, type Standing, type State } from "./state.ts";
import { verify } from "./verify.ts";

type Where = Pick<Target, "name" | "url" | "site" | "reader">;

/**
 * Makes Superset show the dashboards: one import of all where something differs, none of what is
 * ours and named no longer, and a query for each panel. Run again after a crash it goes on from
 * whatever stands. Throws an error that names the first panel without data; but one of a custom
 * metric is told alone, as it spoils no other.
 * @param metricFiles the file of each custom metric, by its view
 */
export async function provision(
  send: Send,
  target: Where,
  specs: readonly DashboardSpec[],
  metricFiles: ReadonlyMap<string, string>,
): Promise<Provisioned> {
  const before = await readState(send, target.name);
  const { compiled, secrets } = wanted(target, specs, before);
  const different = differences(compiled, before);
  if (different.length > 0) {
    if (different.some(({ asset }) => asset === DATABASE_FILE)) await tryConnection(send, target);
    await importAssets(send, compiled, secrets);
  }
  const imported = different.length > 0 ? await readState(send, target.name) : before;
  const gone = await orphans(send, compiled, imported);
  for (const one of gone) await remove(send, one);
  const warnings = refuseProblems(await verify(send, compiled.panels, imported), metricFiles);
  const urls = Object.entries(compiled.dashboards).map(([key, { slug }]) => [
    key,
    `${target.site ?? target.url}/superset/dashboard/${slug}/`,
  ]);
  return {
    database: imported.database!.id,
    urls: Object.fromEntries(urls),
    changed: [...different.map(tell), ...gone.map(({ what }) => `${what} is no longer wanted`)],
    warnings,
  };
}

/** What provisioning would change, and which panels have no data; nothing is written. */
export async function drift(send: Send, target: Where, specs: readonly DashboardSpec[]): Promise<string[]> {
  const state = await readState(send, target.name);
  const { compiled } = wanted(target, specs, state);
  const different = differences(compiled, state).map(tell);
  const gone = (await orphans(send, compiled, state)).map(({ what }) => `${what} is no longer wanted`);
  const standing = compiled.panels.filter(({ chart }) => state.charts.some(({ uuid }) => uuid === chart));
  const problems = await verify(send, standing, state);
  return [...different, ...gone, ...problems.map(({ panel, message }) => `panel ${panel}: ${message}`)];
}

function wanted({ name, reader }: Where, specs: readonly DashboardSpec[], state: State) {
  const { connection, secrets } = splitConnection(reader, name);
  return { secrets, compiled: compile(specs, { name, connection, databaseUuid: state.database?.uuid }) };
}

const tell = ({ asset, is }: Difference): string => `${asset.replace(/\.yaml$/, "")} is ${is}`;

/** Superset's import does not try: a wrong password would be taken. */
async function tryConnection(send: Send, { name, reader }: Where): Promise<void> {
  await send("POST", "/api/v1/database/test_connection/", { database_name: name, ...supersetDatabase(reader) });
}

async function importAssets(send: Send, { assets }: Compiled, secrets: SplitConnection["secrets"]): Promise<void> {
  const form = new FormData();
  form.set("bundle", new Blob([bundle(assets)], { type: "application/zip" }), "integraviz.zip");
  for (const [field, text] of Object.entries(secrets)) form.set(field, text);
  const path = "/api/v1/assets/import/";
  const { body } = await send("POST", path, form).catch((error: Error) => {
    if (error instanceof HttpError && error.status >= 500)
      throw new Error(`${error.message} Superset keeps the reason to its own log: look there.`);
    throw error;
  });
  if (body?.message !== "OK") throw new Error(`POST ${path} did not answer OK: is this Superset's own address?`);
}

interface Orphan {
  what: string;
  kind: "dashboard" | "chart" | "dataset";
  id: number;
}

/** What is ours and in the dashboards no longer, in the order in which it can go. */
async function orphans(send: Send, { assets }: Compiled, state: State): Promise<Orphan[]> {
  const kept = new Set(Object.values(assets).map(({ uuid }) => uuid));
  const of = (kind: Orphan["kind"], standing: (Standing & { name: string })[]) =>
    standing
      .filter(({ uuid }) => !kept.has(uuid))
      .map(({ id, name }): Orphan => ({ what: `${kind}s/${name}`, kind, id }));
  const ours = new Set(state.charts.map(({ id }) => id));
  const datasets: Orphan[] = [];
  for (const one of of("dataset", state.datasets)) {
    const { body } = await send("GET", `/api/v1/dataset/${one.id}/related_objects`);
    // One that a person has made a chart of stays: theirs would be broken.
    if ((body.charts.result as { id: number }[]).every(({ id }) => ours.has(id))) datasets.push(one);
  }
  return [...of("dashboard", state.dashboards), ...of("chart", state.charts), ...datasets];
}

async function remove(send: Send, { kind, id }: Orphan): Promise<void> {
  await send("DELETE", `/api/v1/${kind}/${id}`).catch((error: Error) => {
    // Somebody was quicker.
    if (!(error instanceof HttpError && error.status === 404)) throw error;
  });
}
