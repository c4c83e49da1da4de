import { bytesOf } from '../budget.js';

/** What a figure is counted in; `points` are Lighthouse's score, 0 to 100. */
export type Unit = 'points' | 'ms' | 'score' | 'bytes' | 'requests';

/** What a page is held against: at the bound is kept. `least`: the bound is the lowest that is kept. */
export interface Limit {
  readonly name: string;
  readonly bound: number;
  readonly unit: Unit;
  readonly least: boolean;
}

const KB = 1024;
const most = (name: string, bound: number, unit: Unit): Limit => ({ name, bound, unit, least: false });

export const LIMITS: readonly Limit[] = [
  { name: 'score', bound: 90, unit: 'points', least: true },
  most('FCP', 1_500, 'ms'),
  most('LCP', 2_500, 'ms'),
  most('TBT', 300, 'ms'),
  most('CLS', 0.1, 'score'),
  most('sizes.script', 300 * KB, 'bytes'),
  most('sizes.style', 100 * KB, 'bytes'),
  most('sizes.image', 500 * KB, 'bytes'),
  most('sizes.font', 100 * KB, 'bytes'),
  most('sizes.total', KB * KB, 'bytes'),
  most('counts.script', 10, 'requests'),
  most('counts.style', 5, 'requests'),
  most('counts.image', 20, 'requests'),
  most('counts.font', 5, 'requests'),
  most('counts.total', 50, 'requests'),
];

function boundOf(told: unknown, { name, unit }: Limit, place: string): number {
  const here = `${place}: lighthouse.${name}`;
  if (unit === 'bytes') return bytesOf(told, here);
  if (typeof told === 'number' && told >= 0) return told;
  throw new Error(`${here}: ${JSON.stringify(told)} is no number of ${unit}, 0 or more; null leaves it out`);
}

/** `{a: {b: 1}}` as `{'a.b': 1}`. */
const flat = (told: object, before = ''): [string, unknown][] =>
  Object.entries(told).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? flat(value, `${before}${name}.`) : [[before + name, value]],
  );

/** The limits of a budget file's `lighthouse` member; what it does not name is as usual, what is null there is not held. */
export function limitsOf(told: unknown, place: string): readonly Limit[] {
  const own = (told as { lighthouse?: unknown } | null)?.lighthouse;
  if (own === undefined) return LIMITS;
  if (typeof own !== 'object' || own === null) throw new Error(`${place}: lighthouse is no object of budgets`);
  const named = new Map(flat(own));
  const unknown = [...named.keys()].find((name) => !LIMITS.some((limit) => limit.name === name));
  if (unknown !== undefined) {
    throw new Error(`${place}: lighthouse.${unknown} is not known; known are ${LIMITS.map(({ name }) => name).join(', ')}`);
  }
  return LIMITS.filter(({ name }) => named.get(name) !== null).map((limit) =>
    named.has(limit.name) ? { ...limit, bound: boundOf(named.get(limit.name), limit, place) } : limit,
  );
}
