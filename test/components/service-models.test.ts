/** Mistakes put in on purpose: the vendors' models must refuse each, and name its field. */
import { expect, test } from "vitest";
import { hasPython, NO_PYTHON } from "../stand-ins/python-server.ts";
import type { Made } from "./deploy.ts";
import { refusedByModels } from "./service-models/ask.ts";

const lambda = {
  type: "aws:lambda/function:Function",
  inputs: {
    name: "integraviz-test-rpc",
    role: "arn:aws:iam::123456789012:role/rpc",
    code: { __pulumiArchive: true },
    runtime: "nodejs22.x",
    architectures: ["arm64"],
    timeout: 30,
    vpcConfig: { subnetIds: ["subnet-a"], securityGroupIds: ["sg-a"] },
  },
};
const service = {
  type: "gcp:cloudrunv2/service:Service",
  inputs: {
    project: "my-project",
    location: "europe-west3",
    ingress: "INGRESS_TRAFFIC_ALL",
    template: { timeout: "300s", maxInstanceRequestConcurrency: 200, containers: [{ image: "scratch" }] },
  },
};
const key = {
  type: "aws:apigatewayv2/integration:Integration",
  inputs: { apiId: "api", integrationType: "AWS_PROXY", timeoutMilliseconds: 30_000 },
};
const made = ({ type, inputs }: { type: string; inputs: object }, wrong: object = {}): Made => ({
  type,
  name: "tried",
  inputs: { ...inputs, ...wrong },
});

test.skipIf(!hasPython)(`right inputs have no complaint${hasPython ? "" : ` (${NO_PYTHON})`}`, () => {
  expect(refusedByModels([made(lambda), made(service), made(key)])).toEqual([]);
});

const MISTAKES: [what: string, made: Made, complaint: RegExp][] = [
  ["a value outside AWS' list", made(lambda, { architectures: ["arm"] }), /Architectures: 'arm' is none of x86_64/],
  ["a value outside Google's list", made(service, { ingress: "ALL" }), /ingress: 'ALL' is none of INGRESS_TRAFFIC/],
  ["a name that its pattern refuses", made(lambda, { role: "rpc" }), /Role: 'rpc' does not match arn:/],
  ["a text that is too long", made(lambda, { handler: "x".repeat(129) }), /Handler: 129 characters, at most 128/],
  ["a number above its range", made(key, { timeoutMilliseconds: 30_001 }), /TimeoutInMillis: 30001, at most 30000/],
  ["too many entries", made(lambda, { architectures: ["arm64", "arm64"] }), /Architectures: 2 entries, at most 1/],
  ["no whole number", made(lambda, { timeout: 1.5 }), /Timeout: 1.5 is no integer/],
  ["text for a list", made(lambda, { vpcConfig: { subnetIds: "sub" } }), /VpcConfig.SubnetIds: 'sub' does not match/],
  ["what is required and missing", made(lambda, { role: undefined }), /Role: required and missing/],
  ["a field that AWS has not", made(lambda, { memory: 512 }), /memory: no such field in aws:lambda:CreateFunction/],
  ["a field that Google has not", made(service, { template: { timeOutt: "1s" } }), /template.timeOutt: no such field/],
  ["a type nobody looked at", { type: "aws:s3/bucket:Bucket", name: "b", inputs: {} }, /no row in operations.json/],
];

test.skipIf(!hasPython).each(MISTAKES)("%s is refused", (_, wrong, complaint) => {
  expect(refusedByModels([wrong]).join("\n")).toMatch(complaint);
});
