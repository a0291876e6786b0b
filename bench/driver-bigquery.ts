import { BigQuery, type BigQueryOptions } from "@google-cloud/bigquery";

/** The plain driver alone: gets a token and inserts one row. What any function on BigQuery has to pay. */
export async function handler({ options, dataset }: { options: BigQueryOptions; dataset: string }): Promise<void> {
  const row = { jti: "bare", actor: "bench", denied_at: new Date().toISOString() };
  await new BigQuery(options).dataset(dataset).table("denied_tokens").insert([row]);
}
