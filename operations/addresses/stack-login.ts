import type { DriverLogin } from "../../functions/adapters/environment.ts";
import { Mistake } from "../mistake.ts";
import { stackOutputs } from "./stack-endpoint.ts";

/**
 * @param text a stack's name, with `:archive` behind it where the storage beside the current one is
 * meant
 */
export async function loginOfStack(text: string, option: string): Promise<DriverLogin> {
  const [stack = "", which = "storage"] = text.split(":");
  const source = `${option} ${text}`;
  const outputs = await stackOutputs(source, stack, "give the store's URL");
  const { stores } = JSON.parse(outputs) as { stores?: Record<string, DriverLogin | null | undefined> };
  const login = stores?.[which];
  if (login) return login;
  throw new Mistake(
    stores === undefined
      ? `${source}: the stack has no output stores. Bring it up first (pulumi up -s ${stack}); a program of your own has to export stores.`
      : `${source}: the stack has no ${which}. integraviz swap --archive keeps one beside the new storage.`,
  );
}
