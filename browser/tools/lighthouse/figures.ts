import { LIMITS, type Limit } from './limits.js';

/** Of Lighthouse's result what is read here (its own type is `LH.Result`, the same from version 10 to 13). */
export interface Result {
  readonly lighthouseVersion: string;
  readonly environment: { readonly networkUserAgent: string };
  readonly runtimeError?: { readonly code: string; readonly message: string };
  readonly categories: { readonly performance?: { readonly score: number | null } };
  readonly audits: Readonly<Record<string, Audit | undefined>>;
}

interface Audit {
  readonly numericValue?: number;
  readonly errorMessage?: string;
  readonly details?: { readonly items?: readonly Request[] };
}

interface Request {
  readonly url: string;
  readonly transferSize?: number;
  readonly resourceType?: string;
}

/** A figure for each limit, by its name: points, ms, score, bytes on the wire, requests. */
export type Figures = Readonly<Record<string, number>>;

const AUDITS: Readonly<Record<string, string>> = {
  FCP: 'first-contentful-paint',
  LCP: 'largest-contentful-paint',
  TBT: 'total-blocking-time',
  CLS: 'cumulative-layout-shift',
};
const TYPES: Readonly<Record<string, string>> = { script: 'Script', style: 'Stylesheet', image: 'Image', font: 'Font' };

/** What one run of Lighthouse found. Throws where it could not measure the page. */
export function figuresOf(result: Result, url: string): Figures {
  if (result.runtimeError) throw new Error(`${url}: ${result.runtimeError.code}: ${result.runtimeError.message}`);
  const figures: Record<string, number> = {};
  for (const [name, id] of Object.entries(AUDITS)) {
    const { numericValue, errorMessage } = result.audits[id] ?? {};
    if (numericValue === undefined) throw new Error(`${url}: Lighthouse has no ${name}: ${errorMessage ?? 'no such audit'}`);
    figures[name] = numericValue;
  }
  const score = result.categories.performance?.score;
  const requests = result.audits['network-requests']?.details?.items;
  if (typeof score !== 'number' || !requests) throw new Error(`${url}: Lighthouse has no score or no list of requests`);
  figures['score'] = Math.round(score * 100);
  // What is written into a page (data:, blob:) is no request of its own.
  const sent = requests.filter((request) => /^https?:/.test(request.url));
  for (const [name, type] of [...Object.entries(TYPES), ['total', undefined] as const]) {
    const those = sent.filter(({ resourceType }) => type === undefined || resourceType === type);
    figures[`counts.${name}`] = those.length;
    figures[`sizes.${name}`] = those.reduce((sum, { transferSize = 0 }) => sum + transferSize, 0);
  }
  return figures;
}

/** The middle one of some values, of an even number the lower: always one that was seen. */
export const medianOf = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.ceil(values.length / 2) - 1]!;

/** The median of each figure on its own. */
export const mediansOf = (runs: readonly Figures[]): Figures =>
  Object.fromEntries(LIMITS.map(({ name }) => [name, medianOf(runs.map((run) => run[name]!))]));

/** The place of the run whose score is the median and whose LCP is next to the median: the one to look at. */
export function typicalOf(runs: readonly Figures[]): number {
  const { score, LCP } = mediansOf(runs);
  const far = (run: Figures): number => Math.abs(run['LCP']! - LCP!);
  const like = runs.filter((run) => run['score'] === score).sort((one, other) => far(one) - far(other));
  return runs.indexOf(like[0]!);
}

/** A limit, the page's figure, and by how much it is broken (0: kept), in the limit's unit. */
export interface Verdict extends Limit {
  readonly value: number;
  readonly broken: number;
}

export const judge = (figures: Figures, limits: readonly Limit[]): Verdict[] =>
  limits.map((limit) => {
    const value = figures[limit.name]!;
    return { ...limit, value, broken: Math.max(0, limit.least ? limit.bound - value : value - limit.bound) };
  });
