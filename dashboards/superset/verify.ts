import { askEach, oneLine, type PanelProblem } from "../panel-problem.ts";
import type { HttpError, Send } from "../send.ts";
import type { CompiledPanel } from "./compile.ts";
import type { State } from "./state.ts";

/**
 * Asks for the data of each panel, a row of it: an import says OK whether or not the storage can be
 * reached and the views are there.
 */
export async function verify(send: Send, panels: readonly CompiledPanel[], state: State): Promise<PanelProblem[]> {
  const datasets = new Map(state.charts.map(({ uuid, dataset }) => [uuid, dataset]));
  return askEach(panels, (one) => ask(send, one, datasets.get(one.chart)));
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
