import { h } from "./element.ts";

/** What to do when there is no run yet: one command that makes the first. */
export function emptyState(project: string): HTMLElement {
  const command = [
    `curl ${location.origin}/v1/events \\`,
    "  -H 'authorization: Bearer YOUR_INGEST_TOKEN' \\",
    "  -H 'content-type: application/json' \\",
    `  -d '{"project": ${JSON.stringify(project)}, "run_id": "first-run", "kind": "on_epoch_end",`,
    `       "epoch": 0, "logs": {"loss": 0.9, "accuracy": 0.7}}'`,
  ].join("\n");
  const copy = h(
    "button",
    {
      class: "button",
      onclick: () =>
        void navigator.clipboard?.writeText(command).then(() => {
          copy.textContent = "Copied";
        }),
    },
    "Copy",
  );
  return h(
    "section",
    { class: "empty", "data-testid": "empty" },
    h("h1", {}, "No runs yet"),
    h("p", {}, "Send the first event and this page fills by itself:"),
    h(
      "pre",
      { tabindex: 0, role: "region", "aria-label": "Command that sends the first event" },
      h("code", {}, command),
    ),
    copy,
    h("p", { class: "quiet" }, "Or start the sample training: ", h("code", {}, "npm run train")),
  );
}
