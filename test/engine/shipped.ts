/** What the header of each file asks for before the first `up`, and the one line that swaps a component. */
export const shipped: Record<
  string,
  { first: [key: string, value: string, flag?: string][]; swap: [key: string, value: string][] }
> = {
  paper: {
    first: [
      ["integraviz:visualizer.superset.preset.url", "https://x.app.preset.io"],
      ["integraviz:visualizer.superset.preset.tokenName", "ci"],
      ["integraviz:visualizer.superset.preset.tokenSecret", "PRESET-TOKEN-SECRET", "--secret"],
      ["snowflake:organizationName", "ACME"],
      ["snowflake:accountName", "LAB"],
      ["gcp:project", "my-project"],
      ["gcp:region", "europe-west3"],
    ],
    swap: [["integraviz:api.kind", "cloud-run"]],
  },
  aws: { first: [], swap: [["integraviz:rpc.delivery", "direct"]] },
  gcp: {
    first: [["gcp:project", "my-project"]],
    swap: [
      ["integraviz:visualizer.kind", "metabase"],
      ["integraviz:visualizer.metabase.host", "gcp"],
    ],
  },
  mixed: { first: [["gcp:project", "my-project"]], swap: [["integraviz:rpc.kind", "cloud-functions"]] },
  local: {
    first: [],
    swap: [
      ["integraviz:visualizer.kind", "superset"],
      ["integraviz:visualizer.superset.host", "docker"],
    ],
  },
};
