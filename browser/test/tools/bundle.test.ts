import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { assetsOfFolder, listed, type Asset } from '../../tools/assets.js';
import { budgetsOf, bytesOf, DEFAULTS } from '../../tools/budget.js';
import { layOut, treemapOf } from '../../tools/treemap.js';
import { judge } from '../../tools/verdict.js';

const KB = 1024;
const root = new URL('../..', import.meta.url).pathname;
const tool = join(tmpdir(), `rumstream-bundle-${process.pid}.mjs`);
let folder: string;

const asset = (name: string, raw: number): Asset => ({ name, raw, gzip: raw / 2, brotli: raw / 4, parts: {} });
const verdict = (name: string, ...assets: Asset[]) => judge(assets, DEFAULTS).find(({ budget }) => budget.name === name)!;
const run = (...given: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((done) => {
    execFile(process.execPath, [tool, ...given], { cwd: folder }, (error, out, err) => done({ code: Number(error?.code ?? 0), out, err }));
  });

beforeAll(async () => {
  const banner = { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" };
  await build({ entryPoints: [`${root}tools/bundle.ts`], bundle: true, platform: 'node', format: 'esm', outfile: tool, banner });
  return () => rm(tool);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
});
afterEach(() => rm(folder, { recursive: true }));

test.each(['main.js', 'assets/index-Dq3x9.js', 'app.3f2a1b.mjs', 'static/js/main.abc.chunk.js'])('%s is main', (name) =>
  expect(verdict('main', asset(name, 1)).files).toEqual([name]));
test.each(['vendors-9f3.js', 'chunk-vendors.js', 'a/vendor.mjs', 'framework-1a.js'])('%s is vendor', (name) =>
  expect(verdict('vendor', asset(name, 1)).files).toEqual([name]));
test.each(['domain.js', 'mainframe.js', 'main.css'])('%s is not main', (name) => expect(verdict('main', asset(name, 1)).files).toEqual([]));

test.each([['main', 'main.js', 250 * KB], ['vendor', 'vendor.js', 500 * KB], ['total', 'x.css', 1024 * KB]])(
  'the budget of %s is kept at its size, and not a byte over it',
  (name, file, most) => {
    expect(verdict(name, asset(file, most)).kept).toBe(true);
    expect(verdict(name, asset(file, most + 1)).kept).toBe(false);
  },
);

test('a budget is what its files weigh together', () => {
  expect(verdict('main', asset('main.1.js', 200 * KB), asset('main.2.js', 60 * KB))).toMatchObject({ bytes: 260 * KB, kept: false });
});

test('sizes are read with their units', () => {
  expect([bytesOf(7, ''), bytesOf('7', ''), bytesOf('1.5 KB', ''), bytesOf('2mb', '')]).toEqual([7, 7, 1536, 2 * KB * KB]);
  for (const wrong of ['many', '', '5 TB', -1, null, '1.2.3']) expect(() => bytesOf(wrong, 'x.json: bundle.main')).toThrow('x.json: bundle.main');
});

test('a budget file says what it wants otherwise, and where it is wrong', () => {
  const told = budgetsOf({ bundle: { main: '100 KB', css: { files: '**/*.css', max: 5, measure: 'gzip' } } }, 'b.json');
  expect(told).toEqual([{ ...DEFAULTS[0], max: 100 * KB }, { name: 'css', files: ['**/*.css'], max: 5, measure: 'gzip' }]);
  expect(budgetsOf({}, '')).toBe(DEFAULTS);
  expect(() => budgetsOf({ bundle: { css: 5 } }, 'b.json')).toThrow('b.json: bundle.css needs "files"');
  expect(() => budgetsOf({ bundle: { main: { max: 5, measure: 'zip' } } }, 'b.json')).toThrow('raw, gzip, brotli');
});

test('a folder is weighed as it is served, without what is no part of a page', async () => {
  await mkdir(join(folder, 'assets'));
  const text = 'console.log("x");'.repeat(100);
  for (const name of ['assets/main.js', 'assets/main.js.map', 'assets/main.js.gz', '.hidden', 'stats.json']) await writeFile(join(folder, name), text);
  const [gzip, brotli] = [gzipSync(text, { level: 9 }).length, brotliCompressSync(text).length];
  expect(await assetsOfFolder(folder)).toEqual([{ name: 'assets/main.js', raw: text.length, gzip, brotli, parts: {} }]);
});

test('the stats of esbuild, webpack and rollup name the same', () => {
  const wanted = [['main.js', { 'a.js': 10, 'b.js': 5 }]];
  expect(listed({ outputs: { 'main.js': { inputs: { 'a.js': { bytesInOutput: 10 }, 'b.js': { bytesInOutput: 5 } } } } })).toEqual(wanted);
  const modules = [{ name: 'a.js', size: 10 }, { name: 'b.js', size: 5 }];
  expect(listed({ assets: [{ name: 'main.js' }], chunks: [{ files: ['main.js'], modules }] })).toEqual(wanted);
  const rendered = { 'a.js': { renderedLength: 10 }, 'b.js': { renderedLength: 5 } };
  expect(listed({ output: [{ fileName: 'main.js', modules: rendered }] })).toEqual(wanted);
  expect(() => listed({})).toThrow('esbuild');
});

test('boxes fill their place, each by its size', () => {
  const boxes = layOut([50, 30, 15, 5], { x: 0, y: 0, w: 200, h: 100 });
  expect(boxes.map(({ w, h }) => Math.round((w * h) / 200))).toEqual([50, 30, 15, 5]);
  for (const { x, y, w, h } of boxes) expect(x >= 0 && y >= 0 && x + w <= 200.001 && y + h <= 100.001).toBe(true);
});

test('a treemap shows every file, and no name is taken as HTML', () => {
  const html = treemapOf([{ ...asset('<img src=x>.js', 2048), parts: { 'a&b.js': 1024 } }]);
  expect(html).not.toContain('<img');
  expect(html).toContain('2.0 KB');
  expect(html).toContain('a&#38;b.js');
});

test('the tool prints sizes and budgets, writes a treemap, and ends with 1 over a budget', async () => {
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'dist/main-1a2b.js'), 'x'.repeat(250 * KB));
  expect(await run('dist', '--html', 'map.html')).toMatchObject({ code: 0, err: '' });
  expect(await readFile(join(folder, 'map.html'), 'utf8')).toContain('main-1a2b.js');
  await writeFile(join(folder, 'dist/main-3c4d.js'), 'x');
  const over = await run('dist');
  expect(over.code).toBe(1);
  expect(over.out).toMatch(/main\s+2\s+raw\s+250.0 KB\s+250.0 KB\s+over by 1 B/);
  const json = JSON.parse((await run('dist', '--json')).out) as { kept: boolean; files: Asset[] };
  expect([json.kept, json.files.length]).toEqual([false, 2]);
});

test('a budget file may be JSON or a module', async () => {
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'dist/x.css'), 'x'.repeat(10));
  await writeFile(join(folder, 'performance-budget.json'), '{"bundle": {"css": {"files": "**/*.css", "max": 9}}}');
  await writeFile(join(folder, 'performance-budget.mjs'), 'export default { bundle: { css: { files: "**/*.css", max: 10 } } };');
  expect((await run('dist', '--budget', 'performance-budget.json')).code).toBe(1);
  expect((await run('dist', '--budget', './performance-budget.mjs')).code).toBe(0);
});

test('an esbuild metafile is weighed with its parts', async () => {
  await writeFile(join(folder, 'a.js'), 'console.log("a")');
  const { metafile } = await build({ absWorkingDir: folder, entryPoints: ['a.js'], outdir: 'out', metafile: true });
  await writeFile(join(folder, 'meta.json'), JSON.stringify(metafile));
  const { files } = JSON.parse((await run('meta.json', '--json')).out) as { files: Asset[] };
  expect(files).toMatchObject([{ name: 'out/a.js', parts: { 'a.js': expect.any(Number) as number } }]);
});

test('what cannot be told ends with 2 and says why', async () => {
  expect((await run()).code).toBe(2);
  expect(await run('nowhere')).toMatchObject({ code: 2, err: expect.stringContaining('nowhere') as string });
  await mkdir(join(folder, 'empty'));
  expect((await run('empty')).err).toBe('rumstream-bundle: empty holds no files\n');
});
