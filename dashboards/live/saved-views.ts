import { Problem, type SavedView } from "./data/api.ts";
import { h } from "./layout/element.ts";
import { formatAgo } from "./layout/format.ts";
import { mayControl, type PageContext } from "./page-context.ts";
import { field, openForm } from "./runs/dialogs.ts";
import { newestRun } from "./runs/selection.ts";
import { DEFAULT_VIEW, formatView, parseView } from "./view.ts";

type Context = Pick<PageContext, "api" | "session" | "project" | "view" | "feed" | "focus" | "notify">;

/** The address of a saved view, behind the #. */
const linkTo = (project: string, saved: string) => `#${formatView({ ...DEFAULT_VIEW, project, saved })}`;

/** Shows what was kept under a name: all of it, but in the project that is open. */
function show({ view, project, notify }: Context, { name, view: kept, actor, at }: SavedView) {
  view.set({ ...parseView(kept), project, saved: null });
  notify(`“${name}”, as ${actor ?? "someone"} kept it ${formatAgo(at)}.`);
}

/** Opens the saved view that the address names. One that is there no more leaves what is shown. */
export async function openSavedView(context: Context) {
  const { api, project, view, notify } = context;
  const { saved } = view.get();
  if (saved === null) return;
  // To another project, or another view.
  const hasGoneOn = () => view.get().saved !== saved || view.get().project !== project;
  try {
    const { views } = await api.views(project);
    if (hasGoneOn()) return;
    const found = views.find(({ name }) => name === saved);
    if (found) return show(context, found);
    notify(`There is no view “${saved}” in ${project} any more.`, "error", "“Views” lists those there are.");
  } catch (error) {
    if (hasGoneOn()) return;
    if (error instanceof Problem && error.status !== 401) notify(error.message, "error", error.fix);
  }
  view.set({ saved: null });
}

/** Lists the project's saved views, and keeps what is shown as one more. */
export async function openViewsDialog(context: Context) {
  const { api, project, view, feed, notify } = context;
  const answer = await api.views(project).catch((problem: Problem) => problem);
  if (answer instanceof Problem) return notify(answer.message, "error", answer.fix);
  const run = context.focus() ?? newestRun(feed.runs.values());
  const maySave = mayControl(context) && run !== null;
  const name = h("input", {
    class: "field",
    required: true,
    maxlength: 100,
    autocomplete: "off",
    "data-testid": "view-name",
  });
  const none = h("p", { class: "quiet" }, "None yet.");
  const list = h("ul", { class: "saved-views", "aria-label": "Saved views" }, ...answer.views.map(entry));
  none.hidden = answer.views.length > 0;

  const save = (asked: string, kept: string | null) =>
    api.saveView(project, { run: run!.run, name: asked, view: kept });

  function entry(saved: SavedView): HTMLElement {
    const open = (event: MouseEvent) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      close();
      show(context, saved);
    };
    const remove = () =>
      void save(saved.name, null).then(
        () => {
          item.remove();
          none.hidden = list.childElementCount > 0;
          name.focus();
        },
        ({ message, fix }: Problem) => notify(message, "error", fix),
      );
    const item = h(
      "li",
      {},
      h("a", { href: linkTo(project, saved.name), onclick: open, "data-view": saved.name }, saved.name),
      h("span", { class: "quiet" }, `${saved.actor ?? "someone"}, ${formatAgo(saved.at)}`),
      maySave &&
        h(
          "button",
          { class: "icon-button", type: "button", "aria-label": `Remove ${saved.name}`, onclick: remove },
          "×",
        ),
    );
    return item;
  }

  const close = openForm({
    title: "Views",
    about:
      "Charts, columns, runs and filters as somebody kept them. Each is a link that works for everybody with a token for the project.",
    fields: [none, list, ...(maySave ? [field("Keep what is shown as", name)] : [])],
    send: maySave ? "Keep" : null,
    testid: "views-dialog",
    async submit() {
      const asked = name.value.trim();
      await save(asked, formatView({ ...view.get(), project: null, saved: null }));
      notify(`Kept as “${asked}”.`);
    },
  });
}
