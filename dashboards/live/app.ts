import { createApi, type Problem, type Session } from "./data/api.ts";
import { projectToOpen } from "./data/newest-project.ts";
import { untilAnswered } from "./data/retry.ts";
import { showLogin, showWaiting, takeToken } from "./layout/login.ts";
import { showPage } from "./page.ts";
import { createViewState } from "./view.ts";

const token = takeToken();
// Before the view's own listener: what the view reads of the address has no token in it.
window.addEventListener("hashchange", () => {
  const pasted = takeToken();
  if (pasted !== null) void enter(null, () => api.signIn(pasted));
});
const root = document.getElementById("app")!;
const view = createViewState();
const ended = () => {
  if (!entering) void enter("The session has ended. Log in again to go on.");
};
const api = createApi(ended);
/** Renews the session, well before it ends. */
const RENEW_MS = 3_600_000;
const renew = () =>
  void api.session().catch((problem: Problem) => {
    if (problem.status === 401) ended();
  });
let leavePage: () => void = () => undefined;
let entering: AbortController | null = null;

/**
 * Shows the page, after a login where one is needed; called again whenever a session ended or a
 * link brought a token.
 */
async function enter(message: string | null, first: () => Promise<Session> = api.session) {
  entering?.abort();
  const mine = new AbortController();
  entering = mine;
  leavePage();
  const waiting = (problem: Problem) => showWaiting(root, problem);
  const session = await untilAnswered(first, waiting, mine.signal).catch((problem: Problem) => {
    if (mine.signal.aborted) return null;
    const isSignedOut = problem.status === 401 && first === api.session;
    return showLogin(root, api, isSignedOut ? message : [problem.message, problem.fix].filter(Boolean).join(" "));
  });
  if (session === null || mine.signal.aborted) return;
  const project = await projectToOpen(api, session.projects, view.get().project);
  if (mine.signal.aborted) return;
  entering = null;
  open(session, project);
}

/**
 * Shows a project. The address names it, so that a link leads to the same whatever projects there
 * are later.
 */
function open(session: Session, project: string) {
  leavePage();
  view.set({ project });
  const renewing = setInterval(renew, RENEW_MS);
  const close = showPage(root, api, session, project, view, {
    check: renew,
    project(next) {
      leavePage();
      // Runs, focus and grouping belong to the project that is left.
      view.set({ project: next, runs: null, focus: null, groupBy: null, text: "", saved: null });
      open(session, next);
    },
    signOut: () => void api.signOut().finally(() => enter(null)),
  });
  leavePage = () => {
    clearInterval(renewing);
    close();
  };
}

void enter(null, token === null ? undefined : () => api.signIn(token));
