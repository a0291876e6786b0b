import { all, type Input, jsonStringify, type Output } from "@pulumi/pulumi";
import type { In } from "../../link.ts";

export interface Statement {
  /** Exact actions: a wildcard is refused by the tests. */
  actions: string[];
  resources: In[];
  condition?: Input<Record<string, Record<string, string>>>;
}

/** An IAM policy document that allows exactly these. */
export function policy(statements: Statement[]): Output<string> {
  return jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resources, condition }) => ({
      Effect: "Allow",
      Action: actions,
      Resource: all(resources),
      ...(condition ? { Condition: condition } : {}),
    })),
  });
}

/** The trust policy of a role that one AWS service takes on, for this account's resources only. */
export function trustService(service: string, accountId: In): Output<string> {
  return jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: "sts:AssumeRole",
        // Only ECS is known to send aws:SourceAccount when it takes on a role.
        ...(service === "ecs-tasks.amazonaws.com"
          ? { Condition: { StringEquals: { "aws:SourceAccount": accountId } } }
          : {}),
      },
    ],
  });
}
