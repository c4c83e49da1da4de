import { shown, table } from '../report.js';
import { escaped } from '../treemap.js';
import type { Verdict } from './figures.js';
import type { Unit } from './limits.js';

/** A page with its verdicts, and where Lighthouse's own report of the typical run is. */
export interface Judged {
  readonly url: string;
  readonly report: string;
  readonly verdicts: readonly Verdict[];
}

const digits = (value: number): string => `${Number(value.toPrecision(Math.abs(value) < 1 ? 3 : 5))}`;

export const inUnit = (value: number, unit: Unit): string =>
  unit === 'bytes' ? shown(value) : unit === 'ms' ? `${digits(value)} ms` : unit === 'score' ? digits(value) : `${value}`;

const rowOf = ({ name, value, bound, unit, least, broken }: Verdict): string[] => [
  name,
  inUnit(value, unit),
  `${least ? 'at least' : 'at most'} ${inUnit(bound, unit)}`,
  broken ? `${least ? 'under' : 'over'} by ${inUnit(broken, unit)}` : 'kept',
];
const HEAD = ['budget', 'median', 'wanted', ''];

export const textOf = (pages: readonly Judged[]): string =>
  pages.map(({ url, verdicts }) => `${url}\n${table([HEAD, ...verdicts.map(rowOf)])}`).join('\n\n');

/** The same as a page, with links to Lighthouse's own reports. */
export function htmlOf(pages: readonly Judged[], runs: number): string {
  const cells = (row: readonly string[], tag: string): string => row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('');
  const sections = pages.map(({ url, report, verdicts }) => {
    const rows = verdicts.map((verdict) => `<tr${verdict.broken ? ' class="broken"' : ''}>${cells(rowOf(verdict), 'td')}</tr>`);
    return `<h2>${escaped(url)}</h2>
<p><a href="${escaped(report)}">Lighthouse's report of the run nearest to the median</a></p>
<table><tr>${cells(HEAD, 'th')}</tr>
${rows.join('\n')}
</table>`;
  });
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Lab budgets</title>
<style>
  body { margin: 1rem; font: 14px/1.4 system-ui, sans-serif; color: #1d2329; background: #fbfaf7; }
  td, th { padding: .1rem .8rem .1rem 0; text-align: left; font-variant-numeric: tabular-nums; }
  .broken { color: #a3271b; font-weight: 600; }
</style>
<h1>${pages.length} pages, medians of ${runs} runs</h1>
${sections.join('\n')}
</html>
`;
}
