import type { HttpError, Send } from "../send.ts";
import type { CompiledPanel } from "./compile.ts";
import type { State } from "./state.ts";

/** Queries at a time: a small Superset has one process. */
const AT_ONCE = 4;

/** A panel that has no data to show, and why. */
export interface PanelProblem {
  panel: string;
  view: string;
  message: string;
}

/**
 * Asks for the data of each panel, a row of it: an import says OK whether or not the storage can be
 * reached and the views are there.
 */
export async function verify(send: Send, panels: readonly CompiledPanel[], state: State): Promise<PanelProblem[]> {
  const datasets = new Map(state.charts.map(({ uuid, dataset }) => [uuid, dataset]));
  const problems = new Map<CompiledPanel, string>();
  const waiting = [...panels];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const problem = await ask(send, one, datasets.get(one.chart));
      if (problem !== null) problems.set(one, problem);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return panels.flatMap((one) => {
    const problem = problems.get(one);
    if (problem === undefined) return [];
    return [{ panel: `${one.dashboard}/${one.panel}`, view: one.view, message: `${problem} ${fixFor(problem, one)}` }];
  });
}

async function ask(send: Send, { query }: CompiledPanel, dataset: number | undefined): Promise<string | null> {
  if (dataset === undefined) return "Superset does not have its chart.";
  try {
    const { body } = await send("POST", "/api/v1/chart/data", {
      datasource: { id: dataset, type: "table" },
      force: true,
      result_format: "json",
      result_type: "full",
      queries: [{ ...query, row_limit: 1 }],
    });
    const [result] = body.result;
    return result.error ? `Superset says: ${oneLine(result.error)}.` : null;
  } catch (error) {
    return `Superset says: ${oneLine((error as HttpError).message)}.`;
  }
}

function fixFor(problem: string, { view }: CompiledPanel): string {
  if (/does not exist|not found|undefinedtable|unrecognized name/i.test(problem))
    return `Its view ${view} is missing or older than the dashboards: migrate the storage, then apply again.`;
  if (/permission denied|not authorized|access denied/i.test(problem))
    return `Let the reader's login read the view ${view}.`;
  if (/password|authentication|could not connect|connection|timed? ?out/i.test(problem))
    return "Look at the reader's login and whether Superset reaches the storage, then apply again.";
  return "Correct the panel, then apply again.";
}

/** What was said, out of an error document where it is in one. */
function oneLine(text: string): string {
  const said = text.replace(/^POST \S+ answered \d+: /, "");
  const inside = /"message":\s*("(?:[^"\\]|\\.)*")/.exec(said)?.[1];
  return (inside === undefined ? said : String(JSON.parse(inside)))
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\.$/, "")
    .slice(0, 300);
}
