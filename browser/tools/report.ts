import type { Asset } from './assets.js';
import type { Verdict } from './verdict.js';

/** Bytes as people read them. */
export const shown = (bytes: number): string =>
  bytes < 1024 ? `${bytes} B` : bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 ** 2).toFixed(2)} MB`;

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  ').trimEnd();
  return rows.map(line).join('\n');
}

/** The files, largest first, and what became of the budgets, as text. */
export function textOf(assets: readonly Asset[], verdicts: readonly Verdict[]): string {
  const files = [...assets].sort((one, other) => other.raw - one.raw);
  const sizes = files.map(({ name, raw, gzip, brotli }) => [name, ...[raw, gzip, brotli].map(shown)]);
  const budgets = verdicts.map(({ budget, files: covered, bytes, kept }) => [
    budget.name,
    `${covered.length}`,
    budget.measure,
    shown(bytes),
    shown(budget.max),
    kept ? 'kept' : `over by ${shown(bytes - budget.max)}`,
  ]);
  return [
    table([['file', 'raw', 'gzip', 'brotli'], ...sizes]),
    table([['budget', 'files', 'measure', 'size', 'most', ''], ...budgets]),
  ].join('\n\n');
}

/** The same for programs. */
export const jsonOf = (assets: readonly Asset[], verdicts: readonly Verdict[]): string =>
  JSON.stringify({ kept: verdicts.every(({ kept }) => kept), budgets: verdicts, files: assets }, null, 2);
