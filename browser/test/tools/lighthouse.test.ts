import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { budgetsOf, DEFAULTS } from '../../tools/budget.js';
import { batchOf } from '../../tools/lighthouse/batch.js';
import { figuresOf, judge, medianOf, mediansOf, typicalOf, type Figures, type Result } from '../../tools/lighthouse/figures.js';
import { LIMITS, limitsOf } from '../../tools/lighthouse/limits.js';
import { htmlOf, textOf } from '../../tools/lighthouse/text.js';

const KB = 1024;
const root = new URL('../..', import.meta.url).pathname;
const url = 'https://shop.example/';
const good: Figures = Object.fromEntries(LIMITS.map(({ name, bound }) => [name, bound]));
const verdict = (name: string, value: number) => judge({ ...good, [name]: value }, LIMITS).filter(({ broken }) => broken).map((one) => [one.name, one.broken]);

const audit = (numericValue: number) => ({ numericValue });
const request = (resourceType: string, transferSize: number, from = `${url}x`) => ({ url: from, resourceType, transferSize });
const result = (changes: object = {}, requests: object[] = []): Result => ({
  lighthouseVersion: '12.8.2',
  environment: { networkUserAgent: 'a phone' },
  categories: { performance: { score: 0.29 } },
  audits: {
    'first-contentful-paint': audit(700.5),
    'largest-contentful-paint': audit(1400),
    'total-blocking-time': audit(0),
    'cumulative-layout-shift': audit(0.01),
    'network-requests': { details: { items: requests as [] } },
  },
  ...changes,
});

test.each([
  ['FCP', 1500, 1500.1],
  ['LCP', 2500, 2500.1],
  ['TBT', 300, 300.1],
  ['CLS', 0.1, 0.1001],
  ['sizes.script', 300 * KB, 300 * KB + 1],
  ['sizes.style', 100 * KB, 100 * KB + 1],
  ['sizes.image', 500 * KB, 500 * KB + 1],
  ['sizes.font', 100 * KB, 100 * KB + 1],
  ['sizes.total', KB * KB, KB * KB + 1],
  ['counts.script', 10, 11],
  ['counts.style', 5, 6],
  ['counts.image', 20, 21],
  ['counts.font', 5, 6],
  ['counts.total', 50, 51],
])('%s of %d is kept, and %d is not', (name, kept, broken) => {
  expect(verdict(name, kept)).toEqual([]);
  expect(verdict(name, broken)).toEqual([[name, broken - kept]]);
});

test('a score of 90 is kept, and 89 is not', () => {
  expect(verdict('score', 90)).toEqual([]);
  expect(verdict('score', 89)).toEqual([['score', 1]]);
});

test('the budget file at hand says the defaults of both tools', async () => {
  const told: unknown = JSON.parse(await readFile(`${root}performance-budget.json`, 'utf8'));
  expect(limitsOf(told, '')).toEqual(LIMITS);
  expect(budgetsOf(told, '')).toEqual(DEFAULTS);
});

test('a budget file changes what it names, leaves out what is null, and the rest is as usual', () => {
  const told = limitsOf({ lighthouse: { LCP: 2000, score: null, sizes: { font: '50 KB' } } }, 'b.json');
  const bounds = Object.fromEntries(told.map(({ name, bound }) => [name, bound]));
  expect(bounds).toEqual({ ...good, LCP: 2000, 'sizes.font': 50 * KB, score: undefined });
  expect(limitsOf({ bundle: {} }, '')).toBe(LIMITS);
  expect(limitsOf(null, '')).toBe(LIMITS);
});

test.each([
  [{ INP: 200 }, 'b.json: lighthouse.INP is not known; known are score, FCP'],
  [{ counts: { video: 1 } }, 'b.json: lighthouse.counts.video is not known'],
  [{ sizes: 5 }, 'b.json: lighthouse.sizes is not known'],
  [{ LCP: '2 s' }, 'b.json: lighthouse.LCP: "2 s" is no number of ms'],
  [{ LCP: -1 }, 'b.json: lighthouse.LCP: -1 is no number'],
  [{ sizes: { font: 'much' } }, 'b.json: lighthouse.sizes.font: "much" is no size'],
  [7, 'b.json: lighthouse is no object'],
])('a budget file with %j is refused with the place', (lighthouse, message) => {
  expect(() => limitsOf({ lighthouse }, 'b.json')).toThrow(message);
});

test('figures are what Lighthouse saw, what is written into the page left out', () => {
  const inline = request('Image', 9_000, 'data:image/png;base64,AA');
  const requests = [request('Document', 10), request('Script', 20), request('Script', 30), request('Stylesheet', 1), request('Font', 2), inline];
  expect(figuresOf(result({}, requests), url)).toEqual({
    score: 29,
    FCP: 700.5,
    LCP: 1400,
    TBT: 0,
    CLS: 0.01,
    'sizes.script': 50,
    'sizes.style': 1,
    'sizes.image': 0,
    'sizes.font': 2,
    'sizes.total': 63,
    'counts.script': 2,
    'counts.style': 1,
    'counts.image': 0,
    'counts.font': 1,
    'counts.total': 5,
  });
});

test('a page that could not be measured has no figures, and so keeps no budget', () => {
  const failed = { runtimeError: { code: 'NO_FCP', message: 'nothing was painted' } };
  expect(() => figuresOf(result(failed), url)).toThrow(`${url}: NO_FCP: nothing was painted`);
  expect(() => figuresOf(result({ categories: { performance: { score: null } } }), url)).toThrow('no score');
  expect(() => figuresOf(result({ audits: {} }), url)).toThrow('no FCP');
});

test('a median is the middle one, of an even number the lower', () => {
  expect([medianOf([3]), medianOf([9, 1, 5]), medianOf([4, 1, 3, 2])]).toEqual([3, 5, 2]);
});

test('each figure has its own median, and the typical run is one that was made', () => {
  const runs = [
    { ...good, score: 80, LCP: 1000 },
    { ...good, score: 95, LCP: 3000 },
    { ...good, score: 95, LCP: 2100 },
    { ...good, score: 99, LCP: 2000 },
    { ...good, score: 70, LCP: 2500 },
  ];
  expect(mediansOf(runs)).toEqual({ ...good, score: 95, LCP: 2100 });
  expect(typicalOf(runs)).toBe(2);
});

test('the table says what is broken and by how much, and no name is taken as HTML', () => {
  const verdicts = judge({ ...good, LCP: 2600.5, score: 87, 'sizes.script': 301 * KB, 'counts.style': 6 }, LIMITS);
  const pages = [{ url: `${url}?a=<b>`, report: 'page-1.html', verdicts }];
  const text = textOf(pages);
  expect(text).toMatch(/LCP\s+2600.5 ms\s+at most 2500 ms\s+over by 100.5 ms/);
  expect(text).toMatch(/score\s+87\s+at least 90\s+under by 3\n/);
  expect(text).toMatch(/sizes.script\s+301.0 KB\s+at most 300.0 KB\s+over by 1.0 KB/);
  expect(text).toMatch(/counts.style\s+6\s+at most 5\s+over by 1\n/);
  expect(text.match(/kept/g)).toHaveLength(LIMITS.length - 4);
  expect(htmlOf(pages, 3)).not.toContain('<b>');
  expect(htmlOf(pages, 3).match(/class="broken"/g)).toHaveLength(4);
});

test('the medians become a page view and its vitals, apart from what visitors send', () => {
  let n = 0;
  const batch = batchOf({ url, runs: 3, lighthouse: '12.8.2', figures: good }, 'k', 1_000, () => `id${(n += 1)}`) as Record<string, unknown>;
  expect(batch).toMatchObject({ v: 1, key: 'k', environment: 'lab', sample_rate: 1, sent_at: 1_000, views: [{ url }] });
  const events = batch['events'] as { k: string; n?: string; v?: number; id?: string; a: object }[];
  expect(events.map(({ k, n: name, v }) => [k, name, v])).toEqual([
    ['view', undefined, undefined],
    ['vital', 'FCP', 1500],
    ['vital', 'LCP', 2500],
    ['vital', 'TBT', 300],
    ['vital', 'CLS', 0.1],
  ]);
  for (const { a } of events) expect(a).toMatchObject({ source: 'lab', runs: 3, lighthouse: '12.8.2' });
  expect(new Set(events.slice(1).map(({ id }) => id)).size).toBe(4);
});

const tool = join(tmpdir(), `rumstream-lighthouse-${process.pid}.mjs`);
const run = (...given: string[]): Promise<{ code: number; err: string }> =>
  new Promise((done) => execFile(process.execPath, [tool, ...given], (error, _, err) => done({ code: Number(error?.code ?? 0), err })));

beforeAll(async () => {
  const source = `${root}tools/lighthouse/lighthouse.ts`;
  await build({ entryPoints: [source], bundle: true, platform: 'node', format: 'esm', outfile: tool });
  return () => rm(tool);
});

test('what cannot be told ends with 2 and says why', async () => {
  expect((await run()).code).toBe(2);
  expect((await run('--help')).code).toBe(0);
  expect(await run('shop.example')).toMatchObject({ code: 2, err: expect.stringContaining('shop.example is no address') as string });
  expect(await run(url, '--runs', '0')).toMatchObject({ code: 2, err: expect.stringContaining('--runs 0') as string });
  expect(await run(url, '--budget', 'nowhere.json')).toMatchObject({ code: 2, err: expect.stringContaining('nowhere.json') as string });
});

test('without Lighthouse the tool says what to install', async () => {
  // Beside this copy of the tool there are no libraries.
  expect(await run(url)).toMatchObject({ code: 2, err: expect.stringContaining('npm install --save-dev lighthouse chrome-launcher') as string });
});
