/**
 * What a stack would make, asked of its own program, which runs against a stand-in of the engine:
 * no account, no CLI, nothing is made.
 */
import { runtime } from "@pulumi/pulumi";
import { Integraviz, type IntegravizArgs } from "../../components/index.ts";

export interface Made {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** What is asked of clouds while a program runs. */
const ANSWERS: Record<string, object> = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": { names: ["a", "b", "c"] },
  "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
  "aws:ec2/getManagedPrefixList:getManagedPrefixList": { id: "pl-0" },
  "gcp:organizations/getProject:getProject": { number: "1" },
};

/**
 * @param config the providers' own configuration, such as `aws:region`
 * @throws RunError that names every problem of the settings and its fix
 */
export async function madeBy(settings: IntegravizArgs, config: Record<string, string>): Promise<Made[]> {
  const made: Made[] = [];
  runtime.setAllConfig(config, []);
  await runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        made.push({ type, name, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: ({ token }) => ANSWERS[token] ?? {},
    },
    "integraviz",
    "cost",
    true,
  );
  let failure: unknown;
  await runtime.runInPulumiStack(async () => {
    try {
      new Integraviz("integraviz", settings);
    } catch (error) {
      failure = error;
    }
    return {};
  });
  await runtime.disconnect();
  if (failure !== undefined) throw failure;
  return made.filter(({ type }) => !/^(pulumi|integraviz):/.test(type));
}
