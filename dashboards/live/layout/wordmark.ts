import { h } from "./element.ts";

const SVG = "http://www.w3.org/2000/svg";

/** A gauge whose needle is a curve: the two charts of Figure 3 in one sign. */
export function wordmark(): HTMLElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 28 28");
  svg.setAttribute("class", "mark");
  svg.setAttribute("aria-hidden", "true");
  for (const [d, part] of [
    ["M5.2 21.5A11 11 0 1 1 22.8 21.5", "mark-arc"],
    ["M7.5 19.5C11 19.5 11.5 10.5 20 10", "mark-curve"],
  ] as const) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    path.setAttribute("class", part);
    svg.append(path);
  }
  return h("span", { class: "wordmark" }, svg, h("span", {}, "Integraviz"));
}
