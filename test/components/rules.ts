/** What must hold of every resource, whatever the combination, and of all of them together. Each rule returns what is wrong. */
import { nameRules } from "../../components/making/name-rules.ts";
import { refusedByCloud } from "./cloud-rules.ts";
import { PLAIN_SECRETS } from "./cloud-values.ts";
import { type Made, Secret } from "./deploy.ts";
import { missingInputs } from "./required.ts";
import { REMOTE_SECRETS } from "./settings.ts";

const PLAIN = [...Object.values(PLAIN_SECRETS), ...Object.values(REMOTE_SECRETS)];

/** Grants to everyone, each with its reason. */
const PUBLIC: Record<string, string> = {
  "rpc-cloud-functions-invoker-key": "its caller has no Google identity: the handler asks for the shared key",
};

/** Policies of resources "*", each with its reason. AWS' own policy for network interfaces is the only one. */
const MANAGED: Record<string, string> = {
  "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole":
    "EC2 knows no narrower resource for network interfaces",
};

export function plainSecrets({ inputs, name }: Made): string[] {
  const found: string[] = [];
  walk(inputs, name, (value, path) => {
    if (typeof value === "string" && PLAIN.some((secret) => value.includes(secret)))
      found.push(`${path} shows a secret`);
  });
  return found;
}

export function wildcards({ type, name, inputs }: Made): string[] {
  const documents = [inputs.policy, inputs.assumeRolePolicy].filter((text) => typeof text === "string") as string[];
  const found = documents.flatMap((text) => {
    const { Statement } = JSON.parse(text) as {
      Statement: { Action: string | string[]; Resource?: string[] | string; Principal?: unknown }[];
    };
    return Statement.flatMap(({ Action, Resource, Principal }) => [
      ...[Action]
        .flat()
        .filter((action) => action.includes("*"))
        .map((action) => `${name} allows ${action}`),
      ...[Resource ?? []]
        .flat()
        .filter((resource) => resource === "*")
        .map(() => `${name} allows it on everything`),
      ...(JSON.stringify(Principal ?? "").includes('"*"') ? [`${name} trusts everyone`] : []),
    ]);
  });
  const member = typeof inputs.member === "string" ? inputs.member : "";
  if ((member === "allUsers" || member === "allAuthenticatedUsers") && !PUBLIC[name])
    found.push(`${name} is open to ${member}`);
  if (/^roles\/(owner|editor|viewer)$|admin$/i.test(String(inputs.role ?? "")) && type.startsWith("gcp:"))
    found.push(`${name} grants ${inputs.role}`);
  if (typeof inputs.policyArn === "string" && !MANAGED[inputs.policyArn])
    found.push(`${name} attaches ${inputs.policyArn}`);
  if (inputs.allPrivileges === true) found.push(`${name} grants all privileges`);
  if (type === "aws:lambda/functionUrl:FunctionUrl" && inputs.authorizationType !== "AWS_IAM")
    found.push(`${name} is open to everyone`);
  return found;
}

const DNS = /^[a-z](-?[a-z0-9])*$/;

export function badNames({ type, name, inputs }: Made): string[] {
  const rule = nameRules[type];
  if (!rule) return type.startsWith("pulumi:") ? [] : [`${name}: ${type} has no rule`];
  if (rule.field === null) return [];
  const { [rule.field]: physical, finalSnapshotIdentifier: snapshot } = inputs;
  if (physical === undefined) return [`${name} has no ${rule.field}`];
  if (typeof physical !== "string" || physical.startsWith("/")) return [];
  const alphabets = { dns: DNS, snake: /^[a-z0-9_]+$/, upper: /^[A-Z0-9_]+$/, plain: /^[\w.-]+$/ };
  return [
    ...(physical.length > rule.max ? [`${name}: ${physical} has more than ${rule.max} characters`] : []),
    ...(alphabets[rule.alphabet].test(physical) ? [] : [`${name}: ${physical} is not ${rule.alphabet}`]),
    ...(typeof snapshot === "string" && !DNS.test(snapshot) ? [`${name}: the snapshot ${snapshot} is not dns`] : []),
  ];
}

export function missingTags({ type, name, inputs }: Made): string[] {
  const field = nameRules[type]?.tags;
  if (field === "list")
    return JSON.stringify(inputs.labels)?.includes('{"label":"app","value":"integraviz"}')
      ? []
      : [`${name} has no labels`];
  if (!field) return [];
  return (inputs[field] as Record<string, string> | undefined)?.app === "integraviz" ? [] : [`${name} has no ${field}`];
}

/** No input that was given is undefined: an output that came to nothing would slip past the SDK's own check of what is required. */
export function holes({ name, inputs }: Made): string[] {
  const found: string[] = [];
  walk(inputs, name, (value, path) => {
    if (value === undefined) found.push(`${path} is undefined`);
    if (typeof value === "string" && /undefined|\[object Object\]|Output</.test(value) && !value.includes("def "))
      found.push(`${path} is ${value}`);
  });
  return found;
}

/** Data stays when a stack goes: encryption, backups and deletion protection, where the type has them. */
export function carelessStores({ type, name, inputs }: Made): string[] {
  const store = name.startsWith("storage-");
  if (type === "aws:rds/instance:Instance")
    return expectAll(name, inputs, {
      storageEncrypted: true,
      publiclyAccessible: false,
      skipFinalSnapshot: false,
      deletionProtection: store,
    });
  if (type === "gcp:sql/databaseInstance:DatabaseInstance") {
    const settings = inputs.settings as Record<string, Record<string, unknown>>;
    return [
      ...expectAll(name, inputs, { deletionProtection: store }),
      ...expectAll(name, settings.ipConfiguration ?? {}, { ipv4Enabled: false, sslMode: "ENCRYPTED_ONLY" }),
      ...expectAll(name, settings.backupConfiguration ?? {}, { enabled: true, pointInTimeRecoveryEnabled: true }),
    ];
  }
  if (type === "aws:rds/parameterGroup:ParameterGroup")
    return JSON.stringify(inputs.parameters).includes('{"name":"rds.force_ssl","value":"1"}')
      ? []
      : [`${name} does not force TLS`];
  if (type === "gcp:cloudrunv2/service:Service" || type === "gcp:cloudrunv2/job:Job")
    return expectAll(name, inputs, { deletionProtection: false });
  if (type === "docker:index/container:Container") {
    const ports = (inputs.ports ?? []) as { ip: string }[];
    return ports.every(({ ip }) => ip === "127.0.0.1") ? [] : [`${name} listens beyond this machine`];
  }
  return [];
}

const GRANTS =
  /:(\w*I[aA][mM]Member|DatasetAccess|RolePolicyAttachment|Permission|SecurityGroup\w+Rule|Grant\w+AccountRole)$/;

/** What a grant lets whom do: two of the same are one to a cloud, which refuses the second, or takes both away with one. */
export function grantOf({ type, inputs }: Pick<Made, "type" | "inputs">): string | undefined {
  if (!GRANTS.test(type)) return undefined;
  const { tags: _, description: __, ...what } = inputs;
  return `${type} ${JSON.stringify(what)}`;
}

function repeatedGrants(made: Made[]): string[] {
  const holders = new Map<string, string>();
  return made.flatMap((one) => {
    const grant = grantOf(one);
    if (grant === undefined) return [];
    const before = holders.get(grant);
    holders.set(grant, one.name);
    return before === undefined ? [] : [`${one.name} grants what ${before} does`];
  });
}

/** All that is wrong with what was made. */
export function broken(made: Made[]): string[] {
  return [...made.flatMap((one) => Object.values(rules).flatMap((rule) => rule(one))), ...repeatedGrants(made)];
}

export const rules = {
  refusedByCloud,
  missingInputs,
  plainSecrets,
  wildcards,
  badNames,
  missingTags,
  holes,
  carelessStores,
};

function expectAll(name: string, inputs: Record<string, unknown>, wanted: Record<string, unknown>): string[] {
  return Object.entries(wanted)
    .filter(([key, value]) => inputs[key] !== value)
    .map(([key, value]) => `${name}: ${key} is not ${value}`);
}

function walk(value: unknown, path: string, visit: (value: unknown, path: string) => void): void {
  visit(value, path);
  if (value instanceof Secret || value === null || typeof value !== "object") return;
  for (const [key, entry] of Object.entries(value)) walk(entry, `${path}.${key}`, visit);
}
