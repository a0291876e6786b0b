/**
 * The policy of `stacks/access.yaml`: which group may see which projects, and who is in it on each
 * database.
 */
import { load } from "js-yaml";
import { z } from "zod";

const project = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    "is no project's name: use 1 to 100 letters, digits, dots, dashes or underscores",
  );
const list = <T extends z.ZodType>(of: T) => z.array(of).default([]);

const schema = z.strictObject({
  groups: z.record(
    z
      .string()
      .regex(
        /^[a-z][a-z0-9_]{0,39}$/,
        "is no group's name: use up to 40 small letters, digits and underscores, starting with a letter",
      ),
    z.strictObject({
      projects: z.union([z.literal("*"), z.array(project).min(1)], 'is neither "*" nor a list of project names'),
      access: z.enum(["read", "control"], "is neither read nor control"),
      postgres: list(
        z
          .string()
          .regex(
            /^[a-z][a-z0-9_]{0,39}$/,
            "is no login: use up to 40 small letters, digits and underscores, starting with a letter",
          ),
      ),
      snowflake: list(z.string().regex(/^[A-Za-z_][A-Za-z0-9_$]{0,254}$/, "is no Snowflake user's name")),
      bigquery: list(
        z
          .string()
          .regex(
            /^(user|group|serviceAccount|domain):[A-Za-z0-9._%+@-]+$/,
            "is no principal: use one such as group:vision@example.com",
          ),
      ),
    }),
  ),
});

export type AccessPolicy = z.output<typeof schema>;

/** Reads the policy. Throws one error that names the path of everything that is wrong. */
export function readPolicy(text: string, file: string): AccessPolicy {
  const raw = parse(text, file);
  const { data, error } = schema.safeParse(raw);
  if (data !== undefined) return data;
  const problems = error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys")
      return `${pathOf([...issue.path, issue.keys[0] as string])} is not a setting. Remove it.`;
    if (issue.code === "invalid_key") return `${pathOf(issue.path)} ${issue.issues[0]?.message ?? "is no name"}.`;
    return `${pathOf(issue.path)} ${issue.message.replace(/^Invalid input: /, "is not right: ")}.`;
  });
  throw new Error(
    `${file} is not a policy, and nothing was changed.\n${problems.map((line) => `  ${line}`).join("\n")}`,
  );
}

function parse(text: string, file: string): unknown {
  try {
    return load(text, { filename: file });
  } catch (error) {
    throw new Error(`${file} is not YAML, and nothing was changed.\n  ${(error as Error).message.split("\n")[0]}`);
  }
}

/** `groups.vision.projects[0]` */
function pathOf(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return text.replace(/^\./, "") || "The file";
}
