import type { Visualizer } from "../contract/environment.ts";
import { Login } from "../contract/login.ts";
import {
  checked,
  EnvironmentError,
  parseSecrets,
  readLogin,
  readVariable,
  type Variables,
} from "../functions/adapters/environment.ts";

/** Where dashboards are applied, and how the visualizer there reads the storage. */
export type Target = Visualizer & { password: string; reader: Login };

/**
 * Reads the target from the environment. Throws an error that names the variable, and never its
 * content.
 * @param text the JSON of INTEGRAVIZ_SECRETS
 */
export function readTarget(env: Variables, text: string): Target {
  const secrets = parseSecrets("INTEGRAVIZ_SECRETS", text);
  if (secrets.visualizer === undefined) throw new EnvironmentError("INTEGRAVIZ_SECRETS", "has no visualizer.");
  const login = readLogin(env, "INTEGRAVIZ_READER", secrets);
  return {
    ...readVariable(env, "INTEGRAVIZ_VISUALIZER"),
    ...secrets.visualizer,
    reader: checked("INTEGRAVIZ_READER", Login, login),
  };
}
