import type { SqlResult } from "../../../functions/stores/store.ts";

/** A spreadsheet takes what begins with one of these for a formula (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Writes a result as CSV (RFC 4180) for spreadsheets: text that would be a formula there has an
 * apostrophe before it. Numbers stay as they are.
 */
export function toCsv({ columns, rows }: SqlResult): string {
  const lines = [columns.map((column) => column.name), ...rows];
  return lines.map((cells) => cells.map(cellText).join(",")).join("\r\n");
}

function cellText(value: unknown): string {
  const text = textOf(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
