// The SDK's CPU time on the main thread of a real Chromium: node cost.mjs <dist folder> <rounds>.
// Prints {name: [ms, …]}. Each round is a page of its own; beacons go to a server that answers 204 at once.
// Also what a page load is like with the SDK and without, on a processor slowed down four times as Lighthouse does.
// The browser's own count of its thread's CPU time is read before and after, and what an empty call costs is taken off.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inBrowser } from '../../tests/browser/browser.mjs';

const [dist, rounds] = process.argv.slice(2);
const EVENTS = 500;
const scripts = { 'rum.js': await readFile(join(dist, 'rum.js'), 'utf8'), 'rum-all.js': await readFile(join(dist, 'rum-all.js'), 'utf8') };

const html = `<!doctype html><title>cost</title><h1>Cost</h1><button>click</button>
${'<p>Some text that is painted.</p>'.repeat(50)}`;

/** A page that sees for itself when its largest element was painted and which tasks were long. */
const seeing = (script) => `<!doctype html><title>load</title>
<script>
  window.seen = { lcp: 0, tasks: [] };
  new PerformanceObserver((list) => list.getEntries().forEach(({ startTime }) => { seen.lcp = startTime; })).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries())).observe({ type: 'longtask', buffered: true });
</script>${script}<h1>Load</h1>${'<p>Some text that is painted.</p>'.repeat(200)}`;
const loads = {
  'a page load without the SDK': '',
  'a page load with rum-all.js': '<script src="/rum-all.js" defer></script>',
};

const server = createServer((request, response) => {
  request.resume();
  if (request.method === 'POST') return void response.writeHead(204).end();
  if (request.url === '/rum-all.js') return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(scripts['rum-all.js']);
  const load = loads[decodeURIComponent(request.url.slice(1))];
  if (load !== undefined) return void response.writeHead(200, { 'content-type': 'text/html' }).end(seeing(load));
  response.writeHead(200, { 'content-type': 'text/html' }).end(html);
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const origin = `http://127.0.0.1:${server.address().port}`;

const told = {};
const keep = (name, values) => (told[name] ??= []).push(...values);

/** ms of the main thread's CPU that calls of `fn(argument)` in the page take, and what follows from them at once. */
async function cpuOf(page, cdp, fn, argument) {
  const read = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ThreadTime').value * 1_000;
  };
  const before = await read();
  await page.evaluate(fn, argument);
  return (await read()) - before;
}

async function round(context, name, source) {
  const page = await context.newPage();
  await page.goto(origin);
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable');
  const cpu = (fn, argument) => cpuOf(page, cdp, fn, argument);
  await cpu((text) => text.length, source);
  const nothing = await cpu((text) => text.length, source);
  const start = (await cpu((text) => (0, eval)(text), source)) - nothing;
  const clicks = (many) => {
    const button = document.querySelector('button');
    for (let n = 0; n < many; n += 1) button.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  };
  const tracks = (many) => {
    for (let n = 0; n < many; n += 1) rumstream.track('step', { item: 'a', price: 12.5 });
    rumstream.flush();
  };
  const track = (await cpu(tracks, EVENTS)) / EVENTS;
  keep(`${name}: start`, [start]);
  keep(`${name}: an event of the page, its share of the beacon included`, [track]);
  if (name === 'rum-all.js') keep(`${name}: a click`, [(await cpu(clicks, 200)) / 200]);
  await page.close();
}

async function load(context, name) {
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.goto(`${origin}/${encodeURIComponent(name)}`);
  // Two idle turns after the load: the largest paint and the long tasks up to then are known.
  await page.evaluate(() => new Promise((done) => requestIdleCallback(() => requestIdleCallback(done))));
  await page.waitForFunction(() => seen.lcp > 0);
  const [lcp, tbt] = await page.evaluate(() => {
    const [{ startTime: painted }] = performance.getEntriesByName('first-contentful-paint');
    const blocked = seen.tasks.map(({ startTime, duration }) => startTime + duration - Math.max(startTime, painted) - 50);
    return [seen.lcp, blocked.reduce((sum, ms) => sum + Math.max(0, ms), 0)];
  });
  keep(`${name}: LCP, slowed down 4 times`, [lcp]);
  keep(`${name}: TBT, slowed down 4 times`, [tbt]);
  await page.close();
}

try {
  await inBrowser(async (_, context) => {
    for (let n = 0; n < Number(rounds); n += 1) {
      for (const [name, source] of Object.entries(scripts)) await round(context, name, source);
      for (const name of Object.keys(loads)) await load(context, name);
    }
  });
  console.log(JSON.stringify(told));
} finally {
  server.closeAllConnections();
  server.close();
}
