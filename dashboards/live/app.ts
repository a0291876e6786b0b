import { createApi, type Problem, type Session } from "./api.ts";
import { showLogin, takeToken } from "./login.ts";
import { showPage } from "./page.ts";
import { createViewState } from "./view.ts";

const token = takeToken();
const root = document.getElementById("app")!;
const view = createViewState();
const api = createApi(() => void enter("The session has ended. Log in again to go on."));
let leavePage: () => void = () => undefined;
let entering = false;

/** Shows the page, after a login where one is needed; called again whenever a session ended. */
async function enter(message: string | null, first: () => Promise<Session> = api.session) {
  if (entering) return;
  entering = true;
  leavePage();
  const session = await first().catch((problem: Problem) => {
    const said = problem.status === 401 ? message : [problem.message, problem.fix].filter(Boolean).join(" ");
    return showLogin(root, api, said);
  });
  entering = false;
  open(session);
}

function open(session: Session) {
  leavePage();
  leavePage = showPage(root, api, session, view, {
    check: () =>
      void api.session().catch((problem: Problem) => {
        if (problem.status === 401) void enter("The session has ended. Log in again to go on.");
      }),
    project(project) {
      leavePage();
      // Runs, focus and grouping belong to the project that is left.
      view.set({ project, runs: null, focus: null, groupBy: null, text: "" });
      open(session);
    },
    signOut: () => void api.signOut().finally(() => enter(null)),
  });
}

void enter(null, token === null ? undefined : () => api.signIn(token));
