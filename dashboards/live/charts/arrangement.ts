import { h, setAttribute } from "../layout/element.ts";
import { icon } from "../layout/icon.ts";
import { movedPin } from "../runs/selection.ts";
import type { ViewState } from "../view.ts";

/** Creates the buttons that pin the chart of a metric, move it among those pinned, and size it. */
export function createArrangement(view: ViewState, metric: string) {
  const button = (sign: Parameters<typeof icon>[0], onclick: () => void, style = "pinning") =>
    h("button", { class: `icon-button ${style}`, onclick }, icon(sign));
  const pin = button("pin", () => view.set({ pins: toggled(view.get().pins, metric) }));
  const earlier = button("earlier", () => move(earlier, -1));
  const later = button("later", () => move(later, 1));
  const size = button("expand", () => view.set({ large: toggled(view.get().large, metric) }), "");

  function name(element: HTMLElement, label: string) {
    setAttribute(element, "aria-label", `${label} ${metric}`);
    setAttribute(element, "title", label);
  }

  function move(moved: HTMLElement, by: -1 | 1) {
    view.set({ pins: movedPin(view.get().pins, metric, by) });
    moved.focus();
  }

  name(earlier, "Move earlier");
  name(later, "Move later");

  return {
    buttons: [earlier, later, pin, size],
    update(chart: HTMLElement) {
      const { pins, large } = view.get();
      const [at, isLarge] = [pins.indexOf(metric), large.includes(metric)];
      chart.classList.toggle("large", isLarge);
      chart.classList.toggle("pinned", at >= 0);
      setAttribute(pin, "aria-pressed", String(at >= 0));
      name(pin, at >= 0 ? "Unpin" : "Pin");
      earlier.hidden = later.hidden = at < 0 || pins.length < 2;
      earlier.disabled = at <= 0;
      later.disabled = at === pins.length - 1;
      name(size, isLarge ? "Shrink" : "Enlarge");
      size.replaceChildren(icon(isLarge ? "shrink" : "expand"));
    },
  };
}

const toggled = (all: readonly string[], one: string): string[] =>
  all.includes(one) ? all.filter((other) => other !== one) : [...all, one];
