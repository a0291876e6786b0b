import { h } from "./element.ts";

const LASTS = 8000;

/**
 * Short messages in a corner, read out politely; an error stays until it is closed or said again.
 */
export function createNotices() {
  const element = h("div", { class: "notices", role: "status", "aria-live": "polite", "data-testid": "notices" });
  const shown = new Map<string, HTMLElement>();

  function say(text: string, kind: "info" | "error" = "info", fix: string | null = null) {
    shown.get(text)?.remove();
    const close = h("button", { class: "icon-button", "aria-label": "Close message", onclick: () => gone() }, "×");
    const notice = h(
      "div",
      { class: `notice ${kind}` },
      h("p", {}, h("b", {}, text), fix ? h("span", {}, ` ${fix}`) : null),
      close,
    );
    const gone = () => {
      notice.remove();
      if (shown.get(text) === notice) shown.delete(text);
    };
    shown.set(text, notice);
    element.append(notice);
    setTimeout(gone, kind === "error" ? 3 * LASTS : LASTS);
  }

  return { element, say };
}
