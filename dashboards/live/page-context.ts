import type { RunWithSummary } from "../../functions/stores/store.ts";
import type { Colors } from "./charts/colors.ts";
import type { Api, Session } from "./data/api.ts";
import type { Feed } from "./data/feed.ts";
import type { Axis, ViewState } from "./view.ts";

/** What charts and gauges are drawn from. */
export interface ChartContext {
  view: ViewState;
  feed: Feed;
  colors: Colors;
  /** The runs in the charts. */
  shown(): RunWithSummary[];
  /** The run in the gauges. */
  focus(): RunWithSummary | null;
  axis(): Axis;
  /** Says that something else is shown: what it needs is fetched, and all is drawn. */
  changed(): void;
}

/** What the parts of the page share. */
export interface PageContext extends ChartContext {
  api: Api;
  session: Session;
  project: string;
  /** Says something for a moment, for screen readers too. */
  notify(text: string, kind?: "info" | "error", fix?: string | null): void;
  askToStop(run: RunWithSummary): void;
  askToAdjust(run: RunWithSummary): void;
  markEnded(run: RunWithSummary): void;
  edit(run: RunWithSummary): void;
  archive(run: RunWithSummary, archived: boolean): void;
}

export const mayControl = ({ session }: Pick<PageContext, "session">): boolean => session.scopes.includes("control");
