import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { type Api, Problem } from "../data/api.ts";
import { h } from "../layout/element.ts";

interface Form {
  title: string;
  about: string;
  fields: HTMLElement[];
  /** What its button says; null where there is nothing to send. */
  send: string | null;
  danger?: boolean;
  testid: string;
  submit(): Promise<unknown>;
}

/**
 * A modal form. Escape and Cancel close it; what the server refuses is said in it, and it stays
 * open. Returns what closes it.
 */
export function openForm({ title, about, fields, send, danger, testid, submit }: Form) {
  const problem = h("p", { class: "problem", role: "alert" });
  const sender = h(
    "button",
    { class: `button strong ${danger ? "danger" : ""}`, "data-testid": `${testid}-send` },
    send,
  );
  const form = h(
    "form",
    { method: "dialog", onsubmit: (event: SubmitEvent) => void onSubmit(event) },
    h("h2", { id: "dialog-title" }, title),
    h("p", { class: "quiet" }, about),
    ...fields,
    problem,
    h(
      "div",
      { class: "dialog-actions" },
      h(
        "button",
        { class: "button", type: "button", onclick: () => dialog.close() },
        send === null ? "Close" : "Cancel",
      ),
      send === null ? null : sender,
    ),
  );
  const dialog = h(
    "dialog",
    { "aria-labelledby": "dialog-title", "data-testid": testid, onclose: () => dialog.remove() },
    form,
  );
  document.body.append(dialog);
  dialog.showModal();
  const close = () => dialog.close();

  async function onSubmit(event: SubmitEvent) {
    event.preventDefault();
    sender.disabled = true;
    try {
      await submit();
      dialog.close();
    } catch (error) {
      const { message, fix } = error as Problem;
      problem.textContent = [message, error instanceof Problem ? fix : null].filter(Boolean).join(" ");
      sender.disabled = false;
    }
  }

  return close;
}

export const field = (label: string, input: HTMLElement) =>
  h("label", { class: "form-field" }, h("span", {}, label), input);

const reasonField = (testid: string) =>
  h("textarea", { class: "field", rows: 3, required: true, maxlength: 2000, "data-testid": testid });

/** Asks why, then asks the run to stop. */
export function openStopDialog(api: Api, run: RunWithSummary, done: () => void) {
  const reason = reasonField("stop-reason");
  openForm({
    title: `Stop ${run.name}?`,
    about: "The run ends by itself within a batch. Your name and the reason stay with it.",
    fields: [field("Reason", reason)],
    send: "Stop run",
    danger: true,
    testid: "stop-dialog",
    async submit() {
      await api.stop(run.project, run.run, reason.value.trim());
      done();
    },
  });
}

/** Asks what is to change, and why, then asks the run for it. */
export function openAdjustDialog(api: Api, run: RunWithSummary, done: () => void) {
  const props = { class: "field", required: true, autocomplete: "off" };
  const name = h("input", { ...props, value: "learning_rate", maxlength: 250, "data-testid": "adjust-name" });
  const number = { type: "number", step: "any", placeholder: "0.0001" };
  const value = h("input", { ...props, ...number, "data-testid": "adjust-value" });
  const reason = reasonField("adjust-reason");
  openForm({
    title: `Adjust ${run.name}`,
    about:
      "The run sets it when its next epoch begins, and says what came of it. Your name and the reason stay with it.",
    fields: [field("What", name), field("Value", value), field("Reason", reason)],
    send: "Ask for it",
    testid: "adjust-dialog",
    async submit() {
      const asked = { name: name.value.trim(), value: value.valueAsNumber, reason: reason.value.trim() };
      await api.adjust(run.project, run.run, asked);
      done();
    },
  });
}

/** Asks why, then says of a run that nobody answers for that it has ended. */
export function openEndDialog(api: Api, run: RunWithSummary, done: () => void) {
  const reason = reasonField("end-reason");
  openForm({
    title: `Mark ${run.name} as ended?`,
    about: "For a run whose process is gone. Nothing is asked of it, and its next event takes this back.",
    fields: [field("Reason", reason)],
    send: "Mark as ended",
    testid: "end-dialog",
    async submit() {
      await api.end(run.project, run.run, reason.value.trim());
      done();
    },
  });
}

export function openEditDialog(api: Api, run: RunWithSummary, done: () => void) {
  const name = h("input", {
    class: "field",
    value: run.name === run.run ? "" : run.name,
    placeholder: run.run,
    maxlength: 250,
    "data-testid": "edit-name",
  });
  const note = h(
    "textarea",
    { class: "field", rows: 4, maxlength: 10_000, "data-testid": "edit-note" },
    run.note ?? "",
  );
  openForm({
    title: "Name and note",
    about: "Anyone who can see the run sees these. Empty takes them away.",
    fields: [field("Name", name), field("Note", note)],
    send: "Save",
    testid: "edit-dialog",
    async submit() {
      await api.tag(run.project, run.run, { name: name.value.trim() || null, note: note.value.trim() || null });
      done();
    },
  });
}
