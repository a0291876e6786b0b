import type { Api, Problem, Session } from "../data/api.ts";
import { h } from "./element.ts";
import { wordmark } from "./wordmark.ts";

/**
 * The token in a printed link, `#token=...`. It leaves the address bar and the history at once; the
 * rest of the address, a shared view, stays.
 */
export function takeToken(): string | null {
  const search = new URLSearchParams(location.hash.replace(/^#/, ""));
  const token = search.get("token");
  if (token === null) return null;
  search.delete("token");
  const rest = search.toString();
  history.replaceState(null, "", `${location.pathname}${location.search}${rest ? `#${rest}` : ""}`);
  return token;
}

/** What is shown while the server does not answer: the page comes as soon as it does. */
export function showWaiting(root: HTMLElement, { message }: Problem) {
  const said = h(
    "div",
    { class: "waiting", role: "status", "data-testid": "waiting" },
    h("p", { class: "problem" }, message),
    h("p", { class: "quiet" }, "The page comes by itself as soon as the server is well."),
  );
  root.replaceChildren(h("main", { class: "login-page" }, h("div", { class: "login" }, wordmark(), said)));
}

/** Asks for a token until one is good. */
export function showLogin(root: HTMLElement, api: Api, message: string | null): Promise<Session> {
  return new Promise((resolve) => {
    const token = h("input", {
      class: "field",
      type: "password",
      required: true,
      autocomplete: "off",
      spellcheck: "false",
      "data-testid": "login-token",
    });
    const problem = h("p", { class: "problem", role: "alert" }, message ?? "");
    const form = h(
      "form",
      { class: "login", "data-testid": "login", onsubmit: (event: SubmitEvent) => void onSubmit(event) },
      wordmark(),
      h("h1", {}, "Log in"),
      h(
        "p",
        { class: "quiet" },
        "Open the link that the server printed when it started, or paste a token that may read.",
      ),
      h("label", { class: "form-field" }, h("span", {}, "Token"), token),
      problem,
      h("button", { class: "button strong wide" }, "Log in"),
    );
    root.replaceChildren(h("main", { class: "login-page" }, form));
    token.focus();

    async function onSubmit(event: SubmitEvent) {
      event.preventDefault();
      try {
        resolve(await api.signIn(token.value.trim()));
      } catch (error) {
        const { message: detail, fix } = error as Problem;
        problem.textContent = [detail, fix].filter(Boolean).join(" ");
        token.select();
      }
    }
  });
}
