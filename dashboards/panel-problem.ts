/** A panel that has no data to show, and why. */
export interface PanelProblem {
  panel: string;
  view: string;
  message: string;
}

/** A panel of a dashboard that is to be asked for its data. */
export interface AskedPanel {
  dashboard: string;
  panel: string;
  view: string;
}

/** Queries at a time: a small visualizer has one process. */
const AT_ONCE = 4;

/**
 * Asks for the data of each panel, some at a time.
 * @param ask gives what was said where there is none
 */
export async function askEach<P extends AskedPanel>(
  panels: readonly P[],
  ask: (panel: P) => Promise<string | null>,
): Promise<PanelProblem[]> {
  const problems = new Map<P, string>();
  const waiting = [...panels];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const problem = await ask(one);
      if (problem !== null) problems.set(one, problem);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return panels.flatMap((one) => {
    const said = problems.get(one);
    if (said === undefined) return [];
    return [{ panel: `${one.dashboard}/${one.panel}`, view: one.view, message: `${said} ${fixFor(said, one)}` }];
  });
}

/**
 * Throws an error that names the first of them, and says how many others there are; but those of
 * custom metrics are returned, each by its file, as they spoil no other.
 * @param metricFiles the file of each custom metric, by its view
 */
export function refuseProblems(all: readonly PanelProblem[], metricFiles: ReadonlyMap<string, string>): string[] {
  const problems = all.filter(({ view }) => !metricFiles.has(view));
  const [first] = problems;
  if (first === undefined)
    return all.map(({ panel, view, message }) => `${metricFiles.get(view)}: panel ${panel}: ${message}`);
  const others = problems.length === 1 ? "" : ` Of ${problems.length - 1} other panels there is no data, either.`;
  throw new Error(`Panel ${first.panel}: ${first.message}${others}`);
}

function fixFor(problem: string, { view }: AskedPanel): string {
  if (/does not exist|not found|undefinedtable|unrecognized name/i.test(problem))
    return `Its view ${view} is missing or older than the dashboards: migrate the storage, then apply again.`;
  if (/permission denied|not authorized|access denied/i.test(problem))
    return `Let the reader's login read the view ${view}.`;
  if (/password|authentication|could not connect|connection|timed? ?out/i.test(problem))
    return "Look at the reader's login and whether the visualizer reaches the storage, then apply again.";
  return "Correct the panel, then apply again.";
}

/** What was said, out of an error document where it is in one. */
export function oneLine(text: string): string {
  const said = text.replace(/^POST \S+ answered \d+: /, "");
  const inside = /"message":\s*("(?:[^"\\]|\\.)*")/.exec(said)?.[1];
  return (inside === undefined ? said : String(JSON.parse(inside)))
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\.$/, "")
    .slice(0, 300);
}
