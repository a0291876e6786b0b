/**
 * The policy of `stacks/access.yaml`: which group may see which projects, and who is in it on each
 * database.
 */
import { load } from "js-yaml";
import { z } from "zod";
import { type StoreKind, storeKinds } from "../../contract/login.ts";
import type { AccessGroups } from "../../functions/stores/about.ts";
import { aboutStores } from "../../functions/stores/about-stores.ts";

const project = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    "is no project's name: use 1 to 100 letters, digits, dots, dashes or underscores",
  );

const members = Object.fromEntries(
  storeKinds.flatMap((kind) => {
    const { access } = aboutStores[kind];
    if (access === null) return [];
    return [[kind, z.array(z.string().regex(access.member.pattern, access.member.problem)).default([])]];
  }),
);

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
      ...members,
    }),
  ),
});

/** The policy as it is written: a group's members by the database that they log in to. */
export interface AccessPolicy {
  groups: Record<string, Omit<AccessGroups[string], "members"> & { [K in StoreKind]?: string[] }>;
}

/** Returns the groups of a policy with their members on one kind of database. */
export function groupsOn({ groups }: AccessPolicy, kind: StoreKind): AccessGroups {
  return Object.fromEntries(
    Object.entries(groups).map(([name, { projects, access, [kind]: members = [] }]) => [
      name,
      { projects, access, members },
    ]),
  );
}

/** Reads the policy. Throws one error that names the path of everything that is wrong. */
export function readPolicy(text: string, file: string): AccessPolicy {
  const raw = parse(text, file);
  const { data, error } = schema.safeParse(raw);
  if (data !== undefined) return data as AccessPolicy;
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
