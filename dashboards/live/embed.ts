import { createApi } from "./data/api.ts";
import { showRunCharts, showSentence } from "./embedded-run.ts";
import { takeToken } from "./layout/login.ts";
import { createViewState } from "./view.ts";

const AGAIN = "Run the cell that shows the run once more.";

const root = document.getElementById("app")!;
const token = takeToken();
const view = createViewState();
const { project, runs } = view.get();
const run = runs?.[0];
if (run === undefined || project === null) showSentence(root, "The address names no run: #project=…&run=…&token=…");
else if (token === null) showSentence(root, `The address has no token any more. ${AGAIN}`);
else show({ project, run }, token);

/** A frame is opened by its address alone: no cookie is sent, and none is set. */
function show(shown: { project: string; run: string }, bearer: string) {
  const api = createApi(() => page.end(`The token is no longer good. ${AGAIN}`), bearer);
  const page = showRunCharts(root, api, shown, view);
}
