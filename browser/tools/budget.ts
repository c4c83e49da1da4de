import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Which of a file's sizes counts. */
export type Measure = 'raw' | 'gzip' | 'brotli';

/** What some files may weigh together. */
export interface Budget {
  readonly name: string;
  /** Globs of the files' paths, of which one must match. */
  readonly files: readonly string[];
  /** Bytes. */
  readonly max: number;
  readonly measure: Measure;
}

const KB = 1024;
const UNITS: Record<string, number> = { b: 1, kb: KB, mb: KB * KB };
const MEASURES: readonly string[] = ['raw', 'gzip', 'brotli'];

/** Real names are hashed, so defaults go by what builders call the parts of a page. */
export const DEFAULTS: readonly Budget[] = [
  { name: 'main', files: ['**/{main,index,app,entry}{,[-._]*}.{js,mjs}'], max: 250 * KB, measure: 'raw' },
  { name: 'vendor', files: ['**/*vendor*.{js,mjs}', '**/{framework,polyfills}{,[-._]*}.{js,mjs}'], max: 500 * KB, measure: 'raw' },
  { name: 'total', files: ['**/*.{js,mjs,css}'], max: KB * KB, measure: 'raw' },
];

/** A size in bytes, of a number or of a text such as `250 KB`. Throws a message of where it is wrong. */
export function bytesOf(told: unknown, place: string): number {
  const [, number, unit] = /^([\d.]+)\s*(b|kb|mb)?$/i.exec(String(told)) ?? [];
  const bytes = Number(number) * (UNITS[(unit ?? 'b').toLowerCase()] ?? NaN);
  if (!(bytes >= 0)) throw new Error(`${place}: ${JSON.stringify(told)} is no size; write bytes or "250 KB"`);
  return bytes;
}

/** The budgets of a file's `bundle` member: `{name: size}` or `{name: {files, max, measure}}`; defaults where it has none. */
export function budgetsOf(told: unknown, place: string): readonly Budget[] {
  const bundle = (told as { bundle?: Record<string, unknown> } | null)?.bundle;
  if (bundle === undefined) return DEFAULTS;
  return Object.entries(bundle).map(([name, value]) => {
    const here = `${place}: bundle.${name}`;
    const usual = DEFAULTS.find((budget) => budget.name === name);
    const own = (typeof value === 'object' && value !== null ? value : { max: value }) as Record<string, unknown>;
    const files = own['files'] === undefined ? usual?.files : [own['files']].flat().map(String);
    const measure = String(own['measure'] ?? usual?.measure ?? 'raw');
    if (!files?.length) throw new Error(`${here} needs "files", globs of what it is about`);
    if (!MEASURES.includes(measure)) throw new Error(`${here}.measure is "${measure}"; it can be ${MEASURES.join(', ')}`);
    return { name, files, max: bytesOf(own['max'], `${here}.max`), measure: measure as Measure };
  });
}

/** What a `performance-budget` file says, JSON or a module with a default export. */
export async function readBudgetFile(path: string): Promise<unknown> {
  if (!/\.[cm]?js$/.test(path)) return JSON.parse(await readFile(path, 'utf8'));
  const module = (await import(pathToFileURL(resolve(path)).href)) as { default: unknown };
  return module.default;
}
