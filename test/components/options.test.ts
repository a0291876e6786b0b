import { log, output } from "@pulumi/pulumi";
import { importJWK, type JWK, jwtVerify } from "jose";
import { expect, test, vi } from "vitest";
import { GATEWAY_HEALTH } from "../../contract/health.ts";
import { aws, gcp, named, ofType, paper, sound, variablesOf } from "./bases.ts";
import { deploy, type Secret } from "./deploy.ts";
import { BUNDLES } from "./settings.ts";

test("a VPC that is there already is used, and none is made", async () => {
  const made = await sound({
    ...aws,
    hosts: { aws: { vpc: { id: "vpc-1", privateSubnetIds: ["subnet-1", "subnet-2"] } } },
  });
  expect(ofType(made, "aws:ec2/vpc:Vpc")).toEqual([]);
  expect(named(made, "rpc-lambda-function").inputs.vpcConfig).toMatchObject({ subnetIds: ["subnet-1", "subnet-2"] });
});

test("a VPC, a network or a server that the same program makes is handed over as its outputs", async () => {
  const vpc = { id: output("vpc-1"), privateSubnetIds: output(["subnet-1", "subnet-2"]) };
  const onAws = await sound({ ...aws, hosts: { aws: { vpc } } });
  expect(ofType(onAws, "aws:ec2/vpc:Vpc")).toEqual([]);
  expect(named(onAws, "rpc-lambda-function").inputs.vpcConfig).toMatchObject({ subnetIds: ["subnet-1", "subnet-2"] });

  const network = { network: output("projects/p/global/networks/n"), subnetwork: output("s") };
  const onGcp = await sound({ ...gcp, hosts: { gcp: { network } } });
  expect(JSON.stringify(named(onGcp, "storage-postgres-database-server").inputs)).toContain(
    "projects/p/global/networks/n",
  );

  const external = { address: output("db.example.com"), user: output("owner"), password: "EXTERNAL-DATABASE-PASSWORD" };
  const elsewhere = await sound({ ...aws, storage: { kind: "postgres", postgres: { host: "external", external } } });
  expect(JSON.stringify(variablesOf(named(elsewhere, "rpc-lambda-function")))).toContain("db.example.com");
});

test("a network of Google Cloud that is there already is used, and none is made", async () => {
  const made = await sound({
    ...gcp,
    hosts: { gcp: { network: { network: "projects/p/global/networks/n", subnetwork: "s" } } },
  });
  expect(ofType(made, "gcp:compute/network:Network")).toEqual([]);
  expect(JSON.stringify(named(made, "storage-postgres-database-server").inputs)).toContain(
    "projects/p/global/networks/n",
  );
});

test("an RDS instance that is there already is opened for us, and none is made beside Metabase's", async () => {
  const adopt = {
    address: "db.internal",
    user: "owner",
    password: "EXTERNAL-DATABASE-PASSWORD",
    securityGroupId: "sg-1",
  };
  const storage = { kind: "postgres", postgres: { host: "aws", aws: { adopt } } } as const;
  const refused = deploy({ ...aws, storage });
  await expect(refused).rejects.toThrow("integraviz:hosts.aws.vpc: is missing");
  await expect(refused).rejects.toThrow("pulumi config set --path 'integraviz:hosts.aws.vpc.id' VPC");
  const hosts = { aws: { vpc: { id: "vpc-1", privateSubnetIds: ["subnet-1", "subnet-2"] } } };
  const made = await sound({ ...aws, storage, hosts });
  expect(ofType(made, "aws:rds/instance:Instance").map(({ name }) => name)).toEqual(["visualizer-metabase-database"]);
  expect(named(made, "storage-postgres-adopted-ingress").inputs).toMatchObject({
    securityGroupId: "sg-1",
    fromPort: 5432,
  });
  expect(named(made, "rpc-lambda-function").inputs.vpcConfig).toMatchObject({ subnetIds: ["subnet-1", "subnet-2"] });

  const proxied = { kind: "postgres", postgres: { host: "aws", aws: { adopt, proxy: true } } } as const;
  await expect(deploy({ ...aws, storage: proxied, hosts })).rejects.toThrow(
    "fix: pulumi config set --path integraviz:storage.postgres.aws.proxy false",
  );
});

test("a Cloud SQL instance that is there already is used", async () => {
  const adopt = { address: "10.0.0.3", user: "owner", password: "EXTERNAL-DATABASE-PASSWORD", ca: "PEM" };
  const storage = { kind: "postgres", postgres: { host: "gcp", gcp: { adopt } } } as const;
  await expect(deploy({ ...gcp, storage })).rejects.toThrow("integraviz:hosts.gcp.network: is missing");
  const network = { network: "projects/p/global/networks/n", subnetwork: "s" };
  const made = await sound({ ...gcp, storage, hosts: { gcp: { network } } });
  expect(ofType(made, "gcp:sql/databaseInstance:DatabaseInstance").map(({ name }) => name)).toEqual([
    "visualizer-superset-database-server",
  ]);
});

test("datasets that are there already are used", async () => {
  const made = await sound({
    ...gcp,
    storage: { kind: "bigquery", bigquery: { adopt: { dataset: "events", views: "views" } } },
  });
  expect(ofType(made, "gcp:bigquery/dataset:Dataset")).toEqual([]);
  expect(ofType(made, "gcp:bigquery/datasetAccess:DatasetAccess").length).toBeGreaterThan(2);
});

test("RDS Proxy stands between the functions and the database, and the migrations go around it", async () => {
  const made = await sound({ ...aws, storage: { kind: "postgres", postgres: { host: "aws", aws: { proxy: true } } } });
  expect(named(made, "storage-postgres-proxy").inputs).toMatchObject({ requireTls: true, engineFamily: "POSTGRESQL" });
  const { INTEGRAVIZ_STORE, INTEGRAVIZ_READER } = variablesOf(named(made, "rpc-lambda-function"));
  expect(INTEGRAVIZ_STORE).toContain("storage-postgres-proxy.proxy.rds");
  expect(INTEGRAVIZ_READER, "logins of single projects have no password that the proxy knows").toContain(
    "storage-postgres-database.rds",
  );
  const migration = variablesOf(named(made, "storage-postgres-once-function-migrate"));
  expect(migration.INTEGRAVIZ_STORE).toContain("storage-postgres-database.rds");
  expect(made.map(({ name }) => name).filter((name) => /^storage-postgres-proxy-secret-integraviz/.test(name))).toEqual(
    ["storage-postgres-proxy-secret-integraviz-writer-1"],
  );
});

test("a rotation keeps the keys before valid: tokens, PostgreSQL's users, Snowflake's key pairs", async () => {
  const made = await sound({
    ...aws,
    rotation: 2,
    storage: { kind: "postgres", postgres: { host: "aws", rotation: 2 } },
  });
  for (const name of [
    "tokens-token-key-1",
    "tokens-token-key-2",
    "storage-postgres-password-integraviz-writer-1",
    "storage-postgres-password-integraviz-writer-2",
  ])
    named(made, name);
  const { INTEGRAVIZ_ROLES } = variablesOf(named(made, "storage-postgres-once-function-migrate"));
  expect(JSON.parse(INTEGRAVIZ_ROLES ?? "")).toEqual({
    writer: ["integraviz_writer_2", "integraviz_writer_1"],
    reader: ["integraviz_reader_2", "integraviz_reader_1"],
  });
});

test("a rotation puts a user's new key into the slot of the key before the last", async () => {
  const slots: unknown[] = [];
  for (const rotation of [1, 2, 3]) {
    const made = await sound({ ...paper, storage: { kind: "snowflake", snowflake: { rotation } } });
    const { rsaPublicKey, rsaPublicKey2 } = named(made, "storage-snowflake-user-writer").inputs;
    slots.push([rsaPublicKey, rsaPublicKey2]);
    expect(ofType(made, "tls:index/privateKey:PrivateKey")).toHaveLength(rotation === 1 ? 3 : 6);
  }
  const key = (n: number) => `storage-snowflake-key-writer-${n}`;
  expect(slots).toEqual([
    [key(1), undefined],
    [key(1), key(2)],
    [key(3), key(2)],
  ]);
});

test("Snowflake: a resource monitor and a network policy where they are asked for", async () => {
  const made = await sound({
    ...paper,
    storage: {
      kind: "snowflake",
      snowflake: { monthlyCredits: 10, notifyUsers: ["OPS"], allowedIps: ["203.0.113.0/24"] },
    },
  });
  expect(named(made, "storage-snowflake-monitor").inputs).toMatchObject({
    creditQuota: 10,
    suspendTrigger: 100,
    notifyUsers: ["OPS"],
  });
  expect(named(made, "storage-snowflake-user-reader").inputs.networkPolicy).toBeDefined();
  expect(named(made, "storage-snowflake-warehouse").inputs).toMatchObject({
    autoSuspend: 60,
    initiallySuspended: true,
  });
});

test("Snowflake: credits that end with nobody told are warned of", async () => {
  const warn = vi.spyOn(log, "warn").mockResolvedValue();
  const limited = (snowflake: object) => sound({ ...paper, storage: { kind: "snowflake", snowflake } });
  await limited({ monthlyCredits: 20, notifyUsers: ["OPS"] });
  await limited({});
  expect(warn).not.toHaveBeenCalled();
  await limited({ monthlyCredits: 20 });
  const told = new Set(warn.mock.calls.map(([text]) => text));
  expect([...told]).toEqual([
    expect.stringMatching(/after 20 hours of live training no event is stored.*\n {2}fix: .*notifyUsers/),
  ]);
  warn.mockRestore();
});

test("alarms reach whoever is named, and the budget tells on both clouds", async () => {
  const everywhere = {
    alerts: { email: "ops@example.com" },
    budget: { monthlyUsd: 100, email: "ops@example.com", billingAccount: "0-0-0" },
  };
  const onAws = await sound({ ...aws, ...everywhere });
  expect(ofType(onAws, "aws:sns/topicSubscription:TopicSubscription")).toHaveLength(1);
  for (const { name, inputs } of ofType(onAws, "aws:cloudwatch/metricAlarm:MetricAlarm"))
    expect(inputs.alarmActions, name).toHaveLength(1);
  expect(ofType(onAws, "aws:cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "rpc-lambda-dead-letters-alarm",
      "rpc-lambda-queue-age",
      "api-api-gateway-errors",
      "storage-postgres-database-space",
    ]),
  );
  expect(named(onAws, "aws-budget").inputs.costFilters).toEqual([{ name: "TagKeyValue", values: ["user:stack$test"] }]);
  const onGcp = await sound({ ...gcp, ...everywhere, alerts: {} });
  const { budgetFilter, allUpdatesRule } = named(onGcp, "gcp-budget").inputs;
  expect(budgetFilter).toEqual({ projects: ["projects/42"], labels: { stack: "test" } });
  expect(allUpdatesRule).toEqual({ monitoringNotificationChannels: ["gcp-budget-mail-id"] });
  expect(named(onGcp, "gcp-budget-mail").inputs.labels).toEqual({ email_address: "ops@example.com" });
  const alarmed = await sound({ ...gcp, ...everywhere });
  for (const { name, inputs } of ofType(alarmed, "gcp:monitoring/alertPolicy:AlertPolicy"))
    expect(inputs.notificationChannels, name).toEqual(["gcp-alerts-id"]);
});

test("an archive keeps all of the old storage but what it gave the other components, and nothing else changes", async () => {
  const before = await deploy(paper);
  const during = await deploy({ ...paper, storage: { kind: "bigquery" }, archive: { kind: "snowflake" } });
  const gone = before.urns.filter((urn) => !during.urns.includes(urn));
  expect(gone).toEqual([]);
  const added = during.urns.filter((urn) => !before.urns.includes(urn)).map((urn) => urn.split("::").at(-1));
  expect(added.filter((name) => !/^(storage-bigquery-|gcp(-|$)|integraviz-archive$)/.test(name as string))).toEqual([]);
});

test("a gateway's health does not hang on what is behind it", async () => {
  const service = JSON.stringify(named(await sound(gcp), "api-cloud-run-service").inputs.template);
  expect(service).toContain(`"path":"${GATEWAY_HEALTH}"`);
  const local = await sound({
    api: { kind: "docker" },
    rpc: { kind: "docker" },
    storage: { kind: "postgres", postgres: { host: "docker" } },
    visualizer: { kind: "metabase", metabase: { host: "docker" } },
    bundles: BUNDLES,
  });
  expect(JSON.stringify(named(local, "api-docker-gateway").inputs.healthcheck)).toContain(GATEWAY_HEALTH);
  expect(JSON.stringify(named(local, "storage-postgres-database").inputs.healthcheck)).toContain("-h 127.0.0.1");
});

test("a transform changes one child, by value or by function", async () => {
  const made = await sound({
    ...aws,
    transform: {
      rpc: {
        lambda: {
          function: { memorySize: 2048 },
          deadLetters: (args) => {
            args.messageRetentionSeconds = 3600;
          },
        },
        "cloud-functions": { deadLetters: { messageRetentionDuration: "3600s" } },
      },
      api: {
        "api-gateway": {
          http: (args, opts) => {
            args.description = "ours";
            opts.protect = true;
          },
        },
      },
    },
  });
  expect(named(made, "rpc-lambda-function").inputs.memorySize).toBe(2048);
  expect(named(made, "rpc-lambda-dead-letters").inputs.messageRetentionSeconds).toBe(3600);
  expect(named(made, "api-api-gateway-http").inputs.description).toBe("ours");
});

test("the token is good for the key that the handler is given", async () => {
  const { made, outputs } = await deploy(aws);
  const secrets = named(made, "rpc-lambda-secret-value").inputs.secretString as Secret;
  const { tokenKeys } = JSON.parse(String(secrets.value)) as { tokenKeys: JWK[] };
  expect(tokenKeys).toHaveLength(1);
  const key = await importJWK(tokenKeys[0] as JWK, "HS256");
  const { payload, protectedHeader } = await jwtVerify(String((outputs.token as Secret).value), key, {
    audience: "integraviz",
  });
  expect(protectedHeader.kid).toBe(tokenKeys[0]?.kid);
  expect(payload).toMatchObject({ scope: "ingest", projects: "*" });
});

test("the worker behind a queue is another than the handler, and knows no keys of tokens", async () => {
  const onAws = await sound(aws);
  const onGcp = await sound(gcp);
  for (const [made, rpc, field] of [
    [onAws, "rpc-lambda", "secretString"],
    [onGcp, "rpc-cloud-functions", "secretData"],
  ] as const) {
    const keys = (name: string) =>
      Object.keys(JSON.parse(String((named(made, `${rpc}-${name}`).inputs[field] as Secret).value)) as object);
    expect(keys("secret-value")).toContain("tokenKeys");
    expect(keys("worker-secret-value")).not.toContain("tokenKeys");
  }
  const runsAs = (name: string) => {
    const { role, serviceConfig } = named(name.includes("lambda") ? onAws : onGcp, name).inputs;
    return role ?? (serviceConfig as { serviceAccountEmail: string }).serviceAccountEmail;
  };
  for (const rpc of ["rpc-lambda", "rpc-cloud-functions"])
    expect(runsAs(`${rpc}-worker`)).not.toBe(runsAs(`${rpc}-function`));
});

test("only the people listed get to the dashboards", async () => {
  const closed = await sound(aws);
  expect(named(closed, "visualizer-metabase-people").inputs.addresses).toEqual([]);
  expect(named(closed, "visualizer-metabase-firewall").inputs.defaultAction).toEqual({ block: {} });
  const open = await sound({
    ...gcp,
    visualizer: { kind: "superset", superset: { host: "gcp", gcp: { allow: ["group:ml@example.com"] } } },
  });
  const applier = named(open, "visualizer-superset-applier").inputs.accountId;
  expect(
    ofType(open, "gcp:iap/webCloudRunServiceIamMember:WebCloudRunServiceIamMember").map(({ inputs }) => inputs.member),
    "and the step that applies dashboards",
  ).toEqual(["group:ml@example.com", `serviceAccount:${applier}@my-project.iam.gserviceaccount.com`]);
  expect(named(open, "visualizer-superset-service").inputs.iapEnabled).toBe(true);
});

test("the token is a JWT that does not change from one preview to the next", async () => {
  const tokens = await Promise.resolve().then(async () => [
    (await deploy(aws)).outputs.token,
    (await deploy(aws)).outputs.token,
  ]);
  expect(tokens[0]).toEqual(tokens[1]);
  const [head, body] = String((tokens[0] as Secret).value)
    .split(".")
    .map((part) => Buffer.from(part, "base64url").toString());
  expect(JSON.parse(head ?? "")).toEqual({ alg: "HS256", kid: "1" });
  expect(JSON.parse(body ?? "")).toEqual({
    projects: "*",
    scope: "ingest",
    aud: "integraviz",
    sub: "stack:integraviz-test",
    jti: "integraviz-test-ingest",
  });
});

test("the owner's login reaches the migrations and nobody else", async () => {
  for (const args of [aws, gcp, paper]) {
    const made = await sound(args);
    const holders = made.filter(({ inputs }) =>
      /integraviz_owner|USER_OWNER/.test(
        JSON.stringify(inputs.environment ?? inputs.template ?? inputs.serviceConfig ?? ""),
      ),
    );
    expect(holders.map(({ name }) => name).filter((name) => !name.includes("once"))).toEqual([]);
    expect(holders.length).toBeGreaterThan(0);
  }
});
