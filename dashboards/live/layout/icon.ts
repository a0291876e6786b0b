const PATHS = {
  stop: "M5 5h10v10H5z",
  adjust: "M4 6.5h6M14 6.5h2M12 4.5v4M4 13.5h2M10 13.5h6M8 11.5v4",
  end: "M4.5 10.5l3.5 3.5 7.5-8",
  edit: "M4 16l.8-3.6L13.2 4l2.8 2.8-8.4 8.4zM11.6 5.6l2.8 2.8",
  archive: "M3.5 4.5h13v3h-13zM5 7.5v8h10v-8M8 10.5h4",
  restore: "M4 10a6 6 0 1 0 2-4.5M4 3.5v3.2h3.2",
  pin: "M7.5 3.5h5l-.8 5 2.8 2.5H5.5l2.8-2.5zM10 11v5.5",
  earlier: "M12 5l-5 5 5 5",
  later: "M8 5l5 5-5 5",
  bookmark: "M6 4h8v12l-4-3-4 3z",
  expand: "M11.5 4H16v4.5M8.5 16H4v-4.5M16 4l-5 5M4 16l5-5",
  shrink: "M16 8.5h-4.5V4M4 11.5h4.5V16M11.5 8.5l5-5M8.5 11.5l-5 5",
  auto: "M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M10 4v12M11.5 5v10M13 5.5v9M14.5 6.5v7",
  light:
    "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M15.7 4.3l-1.4 1.4M5.7 14.3l-1.4 1.4",
  dark: "M16 12A6.8 6.8 0 0 1 8 4a6.5 6.5 0 1 0 8 8z",
  leave: "M8 4H4v12h4M8 10h8M13 7l3 3-3 3",
  list: "M4 5.5h12M4 10h12M4 14.5h12",
} as const;

export type IconName = keyof typeof PATHS;

const SVG = "http://www.w3.org/2000/svg";

/**
 * A line drawing of 20 by 20, in the colour of the text around it; says nothing to assistive
 * technology.
 */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
