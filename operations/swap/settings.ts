import { isSecretAt } from "../../components/checking/problem.ts";
import { settingsSchema } from "../../components/checking/schema.ts";
import { Mistake } from "../mistake.ts";

/** `storage.kind` and `bigquery`. */
export type Setting = [path: string, value: string];

/**
 * Reads `path=value`, with or without `integraviz:`. Throws a Mistake, for a secret too: it does
 * not belong on a command line.
 */
export function readSettings(texts: readonly string[], stack: string): Setting[] {
  return texts.map((text) => {
    const [path = "", ...value] = text.split("=");
    if (!path || value.length === 0) throw new Mistake(`${text} is not path=value, such as storage.kind=bigquery.`);
    const setting: Setting = [path.replace(/^integraviz:/, ""), value.join("=")];
    if (isSecretAt(settingsSchema, setting[0].split(".")))
      throw new Mistake(
        `integraviz:${setting[0]} is a secret, which does not belong on a command line. Set it by pulumi config set -s ${stack} --secret --path integraviz:${setting[0]}, and then do this without it.`,
      );
    return setting;
  });
}
