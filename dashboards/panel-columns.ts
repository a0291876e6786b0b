/**
 * How the SQL of panels names the columns that no dataset has. It imports nothing: the page has
 * them too.
 */

/** The column that tells the lines of a chart apart: Metabase takes no more than one. */
export const SERIES = "series";

/** What a distribution counts. */
export const ROWS = "rows";
