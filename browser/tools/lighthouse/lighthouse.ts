/** `rumstream-lighthouse`: pages measured by Lighthouse, held against budgets, and told to the collector. */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readBudgetFile } from '../budget.js';
import { batchOf } from './batch.js';
import { figuresOf, judge, mediansOf, typicalOf, type Figures } from './figures.js';
import { limitsOf } from './limits.js';
import { MARK, measure, type Run } from './measure.js';
import { htmlOf, textOf } from './text.js';

const USAGE = `rumstream-lighthouse <url>... [--runs 3] [--budget performance-budget.json] [--out lighthouse-report] [--json]
                     [--desktop] [--chrome <path>] [--send <collector's URL> [--key <site's key>]]

Loads each page in Chromium, in turn, and holds the medians against budgets. The folder gets report.json, index.html
and Lighthouse's own reports. Exit code: 0 every budget is kept, 1 one is not, 2 it could not be told.
`;
const OPTIONS = {
  runs: { type: 'string', default: '3' },
  budget: { type: 'string' },
  out: { type: 'string', default: 'lighthouse-report' },
  json: { type: 'boolean' },
  desktop: { type: 'boolean', default: false },
  chrome: { type: 'string' },
  send: { type: 'string' },
  key: { type: 'string', default: '' },
  help: { type: 'boolean' },
} as const;
/** How long a collector may take to answer, ms. */
const PATIENCE_MS = 10_000;

interface Seen {
  readonly url: string;
  readonly runs: Figures[];
  readonly html: string[];
  lighthouse: string;
  agent: string;
}

function add(page: Seen, { result, html }: Run): void {
  page.runs.push(figuresOf(result, page.url));
  page.html.push(html);
  page.lighthouse = result.lighthouseVersion;
  page.agent = result.environment.networkUserAgent;
}

async function send(collector: string, key: string, page: Seen): Promise<void> {
  const { url, runs, lighthouse, agent } = page;
  const batch = batchOf({ url, runs: runs.length, lighthouse, figures: mediansOf(runs) }, key, Date.now(), randomUUID);
  const answer = await fetch(new URL('/api/v1/rum', collector), {
    method: 'POST',
    // The medians are a phone's or a desktop's, to stand beside those of the field.
    headers: { 'content-type': 'text/plain', 'user-agent': agent.replace(MARK, '') },
    body: JSON.stringify(batch),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!answer.ok) throw new Error(`${collector} refused the medians of ${url}: ${answer.status} ${await answer.text()}`);
}

async function main(): Promise<number> {
  const { values, positionals: urls } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help || !urls.length) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 2;
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: a whole number, 1 or more`);
  const wrong = urls.find((url) => !/^https?:/.test(url) || !URL.canParse(url));
  if (wrong !== undefined) throw new Error(`${wrong} is no address of a page (http: or https:)`);
  const limits = limitsOf(values.budget ? await readBudgetFile(values.budget) : null, values.budget ?? '');

  const pages: Seen[] = urls.map((url) => ({ url, runs: [], html: [], lighthouse: '', agent: '' }));
  // Pages take turns, so that what slows the machine for a while slows all of them.
  for (let n = 0; n < runs; n += 1) {
    for (const page of pages) {
      process.stderr.write(`run ${n + 1} of ${runs}: ${page.url}\n`);
      add(page, await measure(page.url, values.desktop, values.chrome));
    }
  }

  await mkdir(values.out, { recursive: true });
  const judged = pages.map(({ url, runs: seen }, n) => {
    const medians = mediansOf(seen);
    return { url, report: `page-${n + 1}.html`, verdicts: judge(medians, limits), medians, runs: seen };
  });
  const kept = judged.every(({ verdicts }) => verdicts.every(({ broken }) => !broken));
  const json = `${JSON.stringify({ kept, lighthouse: pages[0]!.lighthouse, pages: judged }, null, 2)}\n`;
  await writeFile(join(values.out, 'report.json'), json);
  await writeFile(join(values.out, 'index.html'), htmlOf(judged, runs));
  for (const [n, page] of pages.entries()) await writeFile(join(values.out, judged[n]!.report), page.html[typicalOf(page.runs)]!);
  process.stdout.write(values.json ? json : `${textOf(judged)}\n`);
  if (values.send) for (const page of pages) await send(values.send, values.key, page);
  return kept ? 0 : 1;
}

main().then(
  (code) => (process.exitCode = code),
  (error: Error) => {
    process.stderr.write(`rumstream-lighthouse: ${error.message}\n`);
    process.exitCode = 2;
  },
);
