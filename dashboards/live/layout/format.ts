import type { Value } from "../../../functions/stores/store.ts";
import { numberOf } from "../data/numbers.ts";

/** Four significant digits, short and of steady width: 0.9812, 12.35, 3.2e-5. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) {
    const [digits, exponent] = value.toExponential(2).split("e") as [string, string];
    return `${minus(String(Number(digits)))}e${minus(exponent.replace("+", ""))}`;
  }
  if (Number.isInteger(value)) return minus(String(value));
  return minus(size >= 1000 ? value.toFixed(0) : value.toPrecision(4));
}

const minus = (text: string) => text.replace("-", "−");

/**
 * As short as it can be said with four significant digits, for axes and params: 0.9, 0.003, 128.
 */
export const formatShort = (value: number): string =>
  Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6 || Number.isInteger(value)
    ? formatNumber(value)
    : minus(String(Number(value.toPrecision(4))));

/** A tick of an axis with as many significant digits as tell it from its neighbours. */
export const formatTick = (value: number, digits: number): string =>
  digits <= 4 ? formatShort(value) : minus(String(Number(value.toPrecision(digits))));

export function formatValue(value: Value | null | undefined): string {
  const number = value === null ? undefined : numberOf(value);
  return number === undefined ? "–" : formatNumber(number);
}

/** A param, tag or cell of any kind in a few characters. */
export function formatAny(value: unknown): string {
  if (value === null || value === undefined) return "–";
  const number = numberOf(value);
  if (number !== undefined) return formatShort(number);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** 8 s, 3 m 12 s, 2 h 5 m, 3 d 4 h. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** Seconds on an axis: 0:40, 3:20, 1:05:00. */
export function formatClock(seconds: number): string {
  const s = Math.round(Math.abs(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const rest = `${s >= 3600 ? two(Math.floor((s % 3600) / 60)) : Math.floor(s / 60)}:${two(s % 60)}`;
  return `${seconds < 0 ? "−" : ""}${s >= 3600 ? `${Math.floor(s / 3600)}:` : ""}${rest}`;
}

export function formatAgo(iso: string, now = Date.now()): string {
  const minutes = Math.round((now - Date.parse(iso)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 60 * 24) return `${Math.round(minutes / 60)} h ago`;
  if (minutes < 60 * 24 * 7) return `${Math.round(minutes / 60 / 24)} d ago`;
  return new Date(iso).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

export const formatMoment = (time: string | number): string =>
  new Date(time).toLocaleString(undefined, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
