import type { RunState } from "../../../functions/stores/store.ts";
import { h, setAttribute, setText } from "../layout/element.ts";

export const STATES: readonly RunState[] = ["running", "finished", "failed", "stopped", "lost"];

/** A run's state as a sign and a word: the sign differs in shape, not in colour alone. */
export function stateMark() {
  const word = h("span", {});
  const element = h("span", { class: "state" }, h("span", { class: "state-sign", "aria-hidden": "true" }), word);
  return {
    element,
    update(state: RunState, stopping: boolean) {
      setAttribute(element, "data-state", stopping ? "stopping" : state);
      setText(word, stopping ? "stopping" : state);
    },
  };
}
