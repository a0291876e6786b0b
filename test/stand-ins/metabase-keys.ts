/**
 * What Metabase 0.64 takes in the body of each request: its maps are closed. Source: the schemas of `defendpoint` in
 * src/metabase/{session,setup,warehouses,collections,queries,dashboards}_rest and its OpenAPI description
 * (GET /api/docs/openapi.json), as of 2026-11.
 */
interface Keys {
  required?: readonly string[];
  allowed: readonly string[];
}

const words = (text: string) => text.trim().split(/\s+/);

export const KEYS: Record<string, Keys> = {
  "POST /api/session": { required: words("username password"), allowed: words("username password token remember") },
  "POST /api/setup": { required: words("token user prefs"), allowed: words("token user prefs") },
  "PUT /api/setting/:key": { allowed: words("value") },
  "POST /api/database": {
    required: words("name engine details"),
    allowed: words(
      "name engine details is_full_sync is_on_demand schedules auto_run_queries cache_ttl connection_source provider_name is_stub",
    ),
  },
  "PUT /api/database/:id": {
    allowed: words(
      `name engine refingerprint details write_data_details schedules is_full_sync is_on_demand description caveats
       points_of_interest auto_run_queries cache_ttl provider_name settings is_stub`,
    ),
  },
  "POST /api/database/:id/sync_schema": { allowed: [] },
  "POST /api/collection": {
    required: words("name"),
    allowed: words("name description parent_id namespace authority_level"),
  },
  "PUT /api/collection/:id": {
    allowed: words("name description archived parent_id authority_level type is_remote_synced"),
  },
  "POST /api/card": {
    required: words("name dataset_query display visualization_settings"),
    allowed: words(
      `name type dataset_query entity_id parameters parameter_mappings description display visualization_settings
       collection_id collection_position result_metadata cache_ttl dashboard_id dashboard_tab_id`,
    ),
  },
  "PUT /api/card/:id": {
    allowed: words(
      `name parameters parameter_mappings dataset_query type display description visualization_settings archived
       enable_embedding embedding_type embedding_params collection_id collection_position result_metadata cache_ttl
       collection_preview dashboard_id dashboard_tab_id`,
    ),
  },
  "POST /api/card/:id/query": {
    allowed: words("ignore_cache collection_preview dashboard_id parameters stored_result_id sort"),
  },
  "POST /api/dashboard": {
    required: words("name"),
    allowed: words("name parameters description cache_ttl collection_id collection_position"),
  },
  "PUT /api/dashboard/:id": {
    allowed: words(
      `name description caveats points_of_interest show_in_getting_started enable_embedding embedding_type embedding_params
       parameters position width archived auto_apply_filters collection_id collection_position cache_ttl dashcards tabs`,
    ),
  },
  "POST /api/dashboard/:id/dashcard/:dashcard/card/:card/query": { allowed: words("parameters dashboard_load_id") },
  // Inside of PUT /api/dashboard/:id.
  dashcard: {
    required: words("id size_x size_y row col"),
    allowed: words(
      `id size_x size_y row col card_id action_id dashboard_tab_id parameter_mappings visualization_settings
       inline_parameters series`,
    ),
  },
  parameter: {
    required: words("id type"),
    allowed: words(
      `id type name slug default required isMultiSelect sectionId filteringParameters mappings target temporal_units
       options values_query_type values_source_type values_source_config`,
    ),
  },
  mapping: { required: words("parameter_id target"), allowed: words("parameter_id target card_id dashcard") },
};

/** What is wrong with the keys of a body; null: nothing. */
export function wrongKeys(of: string, body: unknown): string | null {
  const keys = KEYS[of];
  if (keys === undefined) return `there is no ${of}`;
  const given = Object.keys((body ?? {}) as object);
  const unknown = given.find((key) => !keys.allowed.includes(key));
  if (unknown !== undefined) return `${of} takes no ${unknown}`;
  const lacking = (keys.required ?? []).find((key) => !given.includes(key));
  return lacking === undefined ? null : `${of} needs ${lacking}`;
}
