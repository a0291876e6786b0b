import { h } from "../layout/element.ts";

const LINE = /^(?:(#{1,6})\s+(.*)|[-*]\s+(.*))$/;
const SPAN = /\*\*(.+?)\*\*|\*(.+?)\*|`(.+?)`|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/;

/**
 * Markdown as elements: headings, paragraphs, lists, bold, italic, code and links to the web.
 * Anything else stays as it is written, HTML too.
 */
export function markdown(text: string): HTMLElement[] {
  return text
    .split(/\n\s*\n/)
    .filter((block) => block.trim() !== "")
    .flatMap(blockOf);
}

function blockOf(block: string): HTMLElement[] {
  const elements: HTMLElement[] = [];
  let [list, paragraph]: [HTMLElement | null, string[]] = [null, []];
  const endParagraph = () => {
    if (paragraph.length > 0) elements.push(h("p", {}, ...spans(paragraph.join(" "))));
    paragraph = [];
  };
  for (const line of block.trim().split("\n")) {
    const [, level, heading, item] = LINE.exec(line.trim()) ?? [];
    if (item === undefined) list = null;
    if (level === undefined && item === undefined) {
      paragraph.push(line.trim());
      continue;
    }
    endParagraph();
    // Below the panel's own heading.
    if (level !== undefined) elements.push(h(level.length === 1 ? "h3" : "h4", {}, ...spans(heading!)));
    if (item === undefined) continue;
    if (list === null) {
      list = h("ul", {});
      elements.push(list);
    }
    list.append(h("li", {}, ...spans(item)));
  }
  endParagraph();
  return elements;
}

function spans(text: string): (HTMLElement | string)[] {
  const found = SPAN.exec(text);
  if (found === null) return text === "" ? [] : [text];
  const [whole, bold, italic, code, label, href] = found;
  const span =
    bold !== undefined
      ? h("strong", {}, ...spans(bold))
      : italic !== undefined
        ? h("em", {}, ...spans(italic))
        : code !== undefined
          ? h("code", {}, code)
          : h("a", { href: href!, target: "_blank", rel: "noopener noreferrer" }, label);
  const before = text.slice(0, found.index);
  return [...(before === "" ? [] : [before]), span, ...spans(text.slice(found.index + whole.length))];
}
