import { askEach, oneLine, type PanelProblem } from "../panel-problem.ts";
import type { HttpError, Send } from "../send.ts";
import type { CompiledPanel } from "./compile.ts";
import { numbersOf } from "./plan.ts";
import type { State } from "./state.ts";

/**
 * Asks for the data of each panel as its dashboard asks, and for the values of each filter:
 * Metabase keeps any query, and answers a failed one with 202.
 */
export async function verify(send: Send, panels: readonly CompiledPanel[], state: State): Promise<PanelProblem[]> {
  return askEach(panels, async (panel) => {
    const path = queryPath(panel, state);
    return path === null ? "Metabase does not have its card." : ask(send, path);
  });
}

/** Where a panel is asked for its data; null: it does not stand. */
export function queryPath({ card, on }: CompiledPanel, state: State): string | null {
  const number = numbersOf(state).get(`cards/${card}`);
  if (number === undefined) return null;
  if (on === null) return `/api/card/${number}/query`;
  const dashboard = state.dashboards.find(({ key }) => key === on);
  const dashcards = (dashboard?.content.dashcards ?? []) as { id: number; card_id: number | null }[];
  const dashcard = dashcards.find(({ card_id }) => card_id === number);
  return dashcard ? `/api/dashboard/${dashboard!.id}/dashcard/${dashcard.id}/card/${number}/query` : null;
}

async function ask(send: Send, path: string): Promise<string | null> {
  try {
    const { body } = await send("POST", path, { parameters: [] });
    if (body.status === "completed" && !body.error) return null;
    return `Metabase says: ${oneLine(String(body.error ?? body.status))}.`;
  } catch (error) {
    return `Metabase says: ${oneLine((error as HttpError).message)}.`;
  }
}
