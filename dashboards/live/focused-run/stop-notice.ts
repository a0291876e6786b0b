import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { type AskedStop, type AuditEntry, lastStop } from "../data/run-events.ts";
import { h, setText } from "../layout/element.ts";

/**
 * Creates the line that says who asked the run to stop and why, while it is asked and after it
 * answered.
 */
export function createStopNotice() {
  const element = h("p", { class: "asked", role: "status", "data-testid": "stop-asked" });

  return {
    element,
    update(run: RunWithSummary, pending: AskedStop | null, audit: readonly AuditEntry[]) {
      const answered = run.state === "stopped" ? lastStop(audit) : null;
      setText(element, pending ? textOfPending(pending) : answered ? `Stopped as asked by ${whoAndWhy(answered)}` : "");
      element.hidden = element.textContent === "";
      element.classList.toggle("answered", pending === null);
    },
  };
}

const textOfPending = (stop: AskedStop) => `Stop asked by ${whoAndWhy(stop)} Waiting for the run to answer.`;

export function whoAndWhy({ actor, at, reason }: AskedStop): string {
  const who = `${actor ?? "someone"} at ${new Date(at).toLocaleTimeString()}`;
  if (!reason) return `${who}.`;
  return `${who}: ${reason}${/[.!?…]$/.test(reason) ? "" : "."}`;
}
