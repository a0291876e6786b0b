import { expect, test } from "vitest";
import { blastRadius, report } from "../../../operations/swap/blast-radius.ts";

const urn = (type: string, name: string) => `urn:pulumi:s::p::integraviz:index:Integraviz$${type}::${name}`;

test("steps become what stays, changes, comes and goes, and what data is at risk", () => {
  const database = urn("aws:rds/instance:Instance", "storage-postgres-database");
  const radius = blastRadius({
    steps: [
      { op: "same", urn: urn("aws:ec2/vpc:Vpc", "aws-vpc"), oldState: { protect: true } },
      { op: "update", urn: urn("aws:lambda/function:Function", "rpc-lambda-function"), oldState: { protect: true } },
      { op: "create-replacement", urn: urn("aws:lambda/invocation:Invocation", "once") },
      { op: "delete-replaced", urn: urn("aws:lambda/invocation:Invocation", "once") },
      { op: "delete", urn: database, oldState: { protect: true } },
      { op: "create", urn: urn("gcp:bigquery/dataset:Dataset", "storage-bigquery-dataset") },
    ],
    diagnostics: [
      { severity: "error", message: "... cannot be deleted\nbecause it is protected. To unprotect ..." },
      { severity: "error", message: "preview failed" },
    ],
  });
  expect(radius).toMatchObject({ kept: [urn("aws:ec2/vpc:Vpc", "aws-vpc")], atRisk: [database], failed: undefined });
  const told = report(radius, [["storage.kind", "bigquery"]], true);
  expect(report(radius, [["storage.kind", "bigquery"]]).split("\n")).toContain(
    "stays as it is: 1 (--verbose lists them)",
  );
  expect(told).toBe(
    [
      "integraviz:storage.kind = bigquery",
      "",
      "stays as it is: 1",
      "  = aws:ec2:Vpc aws-vpc",
      "",
      "changed in place: 1",
      "  ~ aws:lambda:Function rpc-lambda-function",
      "",
      "replaced: 1",
      "  ± aws:lambda:Invocation once",
      "",
      "deleted: 1",
      "  - aws:rds:Instance storage-postgres-database",
      "",
      "created: 1",
      "  + gcp:bigquery:Dataset storage-bigquery-dataset",
      "",
      "DATA AT RISK: 1",
      "  ! aws:rds:Instance storage-postgres-database",
    ].join("\n"),
  );
});

test("a preview that fails for a reason of its own is told as that", () => {
  const { failed } = blastRadius({
    diagnostics: [{ severity: "error", message: "integraviz:storage.kind: is not one of ..." }],
  });
  expect(failed).toContain("integraviz:storage.kind");
});
