/**
 * What the clouds refuse of an input and no provider checks at preview, because it stands in prose alone. Each row was
 * met, by us or in somebody's issue; `source` says where it is written.
 */
import { asset } from "@pulumi/pulumi";
import type { Made } from "./deploy.ts";

interface CloudRule {
  /** The resource type, or all whose type matches. */
  type: string | RegExp;
  rule: string;
  source: string;
  /** What is wrong with one, or undefined. */
  refuses(inputs: Made["inputs"], made: Made): string | undefined;
}

const EC2_DESCRIPTION = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/;
const EC2_RULES = /^aws:(vpc\/securityGroup(In|E)gressRule|ec2\/securityGroup):/;

/** The least of each kind of character that Metabase's "strong" asks for. */
const METABASE_STRONG = { length: 8, minLower: 2, minUpper: 2, minNumeric: 1, minSpecial: 1 };

export const cloudRules: CloudRule[] = [
  {
    type: EC2_RULES,
    rule: "descriptions are of a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*, at most 255 characters",
    source: "EC2 API, CreateSecurityGroup, GroupDescription, and UserIdGroupPair, Description",
    refuses: ({ description = "" }) =>
      EC2_DESCRIPTION.test(String(description)) ? undefined : `the description ${JSON.stringify(description)}`,
  },
  {
    type: "random:index/randomPassword:RandomPassword",
    rule: "Metabase's MB_PASSWORD_COMPLEXITY=strong: 8 characters, 2 lower, 2 upper, 1 digit, 1 special",
    source: "metabase v0.64, src/metabase/util/password.clj",
    refuses: (inputs, { name }) => {
      if (name !== "visualizer-metabase-admin-password") return undefined;
      const short = Object.entries(METABASE_STRONG).filter(([field, least]) => Number(inputs[field] ?? 0) < least);
      return short.length > 0 ? short.map(([field]) => field).join(", ") : undefined;
    },
  },
  {
    type: "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
    rule: "no grant to everybody, which organisations made since 2024-05 refuse; shared-key callers have no other way",
    source: "https://cloud.google.com/resource-manager/docs/secure-by-default-organizations",
    refuses: ({ member }, { name }) =>
      member === "allUsers" && name !== "rpc-cloud-functions-invoker-key" ? "allUsers" : undefined,
  },
  {
    type: "gcp:billing/budget:Budget",
    rule: "a currency must be the billing account's own, which nobody knows at preview",
    source: "https://cloud.google.com/billing/docs/reference/budget/rest, specifiedAmount",
    refuses: ({ amount }) => (JSON.stringify(amount).includes("currencyCode") ? "currencyCode" : undefined),
  },
  {
    type: "gcp:storage/bucketObject:BucketObject",
    rule: "Cloud Run deploys source without a build from a gzipped tar file; Cloud Functions takes a zip",
    source: "gcloud 500, serverless_operations.py (skip_build takes ArchiveType.TAR)",
    refuses: ({ name, source }, made) => {
      if (made.name !== "api-cloud-run-code") return undefined;
      return String(name).endsWith(".tar.gz") && source instanceof asset.FileAsset ? undefined : String(name);
    },
  },
  {
    type: "gcp:cloudrunv2/job:Job",
    rule: "a job that runs right after its grants tries again: they take minutes to spread",
    source: "https://cloud.google.com/iam/docs/access-change-propagation",
    refuses: ({ template }) => {
      const { maxRetries } = (template as { template: { maxRetries?: number } }).template;
      return (maxRetries ?? 0) >= 1 ? undefined : `maxRetries ${maxRetries}`;
    },
  },
];

/** What a cloud would refuse of one resource. */
export function refusedByCloud(made: Made): string[] {
  return cloudRules
    .filter(({ type }) => (typeof type === "string" ? type === made.type : type.test(made.type)))
    .flatMap(({ rule, refuses }) => {
      const wrong = refuses(made.inputs, made);
      return wrong === undefined ? [] : [`${made.name}: ${wrong} (${rule})`];
    });
}
