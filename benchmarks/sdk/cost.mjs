// The SDK's CPU time on the main thread of a real Chromium: node cost.mjs <dist folder> <rounds>.
// Prints {name: [ms, …]}. Each round is a page of its own; beacons go to a server that answers 204 at once.
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

const server = createServer((request, response) => {
  request.resume();
  if (request.method === 'POST') return void response.writeHead(204).end();
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

try {
  await inBrowser(async (_, context) => {
    for (let n = 0; n < Number(rounds); n += 1) {
      for (const [name, source] of Object.entries(scripts)) await round(context, name, source);
    }
  });
  console.log(JSON.stringify(told));
} finally {
  server.closeAllConnections();
  server.close();
}
