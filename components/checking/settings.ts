/** Leaves that several settings share. */
import { Output, secret } from "@pulumi/pulumi";
import { z } from "zod";

/** Marks a leaf in the schema as secret, so that an error about it never shows a value. */
export const secretText = z
  .union([z.string().min(1), z.custom<Output<string>>((value) => Output.isInstance(value))], {
    error: "must be a text that is not empty",
  })
  .transform((value): Output<string> => secret(value))
  .meta({ secret: true });

/**
 * An id, an address or a name that may be an output of the same program, such as of a VPC it makes.
 */
export const inputText: z.ZodType<string | Output<string>, string | Output<string>> = z.union(
  [z.string().min(1), z.custom<Output<string>>((value) => Output.isInstance(value))],
  { error: "must be a text that is not empty" },
);

type InputTexts = (string | Output<string>)[] | Output<string[]>;

/**
 * Two ids at least, each an output or all of them one, as a VPC of the same program gives its
 * subnets.
 */
export const inputTexts: z.ZodType<InputTexts, InputTexts> = z.union(
  [z.array(inputText).min(2), z.custom<Output<string[]>>((value) => Output.isInstance(value))],
  { error: "needs at least 2 entries" },
);

/** A TCP port, 1 to 65535. */
export const port = z.int().min(1).max(65535);

/**
 * How often something was rotated: the entry of this number is current, the one before stays valid.
 */
export const rotation = z.int().min(1).default(1).meta({
  description:
    "Raise it to give the database's users new passwords or keys; the ones before stay valid until the next time.",
  change: "restarts",
});

/**
 * Origins of pages that may call an API from a browser; none unless set.
 * @param change what a change of them does where the API is
 */
export const corsOrigins = (change?: "replaces" | "restarts") =>
  z
    .array(z.string())
    .default([])
    .meta({
      description: "Origins of pages that may call it from a browser, such as https://notebooks.example.com.",
      ...(change ? { change } : {}),
    });

/** Days that logs are kept unless a setting says otherwise. */
export const LOG_DAYS = 30;

/** How long a platform keeps logs, in days; 30 unless set. */
export const logDays = z
  .union([7, 14, 30, 60, 90, 180, 365].map((days) => z.literal(days)))
  .default(LOG_DAYS)
  .meta({ description: "How long logs are kept.", unit: "days" });

/** An IPv4 network, such as 203.0.113.0/24. */
export const cidr = z.cidrv4("must be a CIDR such as 203.0.113.0/24");

/** Of a service on Google Cloud that scales. */
export const instances = {
  fit: ({ minInstances, maxInstances }: { minInstances: number; maxInstances: number }) => minInstances <= maxInstances,
  unless: { path: ["minInstances"], message: "must be at most maxInstances" },
};
