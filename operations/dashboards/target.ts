import type { Target } from "../../dashboards/target.ts";
import { stackOutputs } from "../addresses/stack-endpoint.ts";
import { Mistake } from "../mistake.ts";
import { readerLogin } from "./reader.ts";

export interface TargetOptions {
  url: string;
  product: Target["product"];
  user?: string | undefined;
  preset?: true | undefined;
  name: string;
  data: string;
  reader?: string | undefined;
}

/** Who the first administrator is, where nothing else was said when it was set up. */
const ADMINISTRATORS = { superset: "admin", metabase: "admin@integraviz.invalid" } as const;

/**
 * A visualizer that stands already, and the storage that it is to show.
 * @param password of the variable that `variable` names
 */
export function targetAt(options: TargetOptions, password: string, variable: string): Target {
  const { url, product, preset, name, data, reader, user = ADMINISTRATORS[product] } = options;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Mistake(`--url ${JSON.stringify(url)} is no address. One looks like http://localhost:8088.`);
  if (preset && product !== "superset") throw new Mistake(`--preset: Preset runs Superset, and no ${product}.`);
  if (password === "") throw new Mistake(`${variable} is not set: it holds the password of ${user}.`);
  const by = preset ? "preset" : "password";
  const login = readerLogin({ reader, data });
  return { product, name, url: url.replace(/\/+$/, ""), by, user, password, reader: login };
}

/** The visualizer of a deployed stack. Rejects with a Mistake. */
export async function targetOfStack(stack: string): Promise<Target> {
  const source = `--stack ${stack}`;
  const outputs = JSON.parse(await stackOutputs(source, stack, "give --url and --reader"));
  const { dashboards } = outputs as { dashboards?: Target };
  if (dashboards === undefined)
    throw new Mistake(
      `${source}: the stack has no output dashboards. Bring it up first (pulumi up -s ${stack}); a program of your own has to export dashboards.`,
    );
  if (dashboards.iap !== undefined)
    throw new Mistake(
      `${source}: its ${dashboards.product} stands behind Identity-Aware Proxy, which lets the stack's own step in and no program of yours. pulumi up applies the dashboards.`,
    );
  return { ...dashboards, url: dashboards.url.replace(/\/+$/, ""), site: dashboards.url };
}
