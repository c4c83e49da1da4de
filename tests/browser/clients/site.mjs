// A site of another origin with one of the real clients on its pages: bundles the client and serves it.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../browser/package.json', import.meta.url));
const { build } = require('esbuild');

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** Pages at every path but those of the API and `/gone`, with `client` (a file here) and what it is told. */
export async function openSite(client, told) {
  const built = await build({
    entryPoints: [new URL(client, import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const script = Buffer.from(built.outputFiles[0].contents);
  const page = `<!doctype html><title>shop</title><h1>A shop with another client</h1>
    <img src="/pixel.gif" alt=""><button id="buy">Buy</button>
    <script>window.TOLD = ${JSON.stringify(told)}</script><script src="/client.js"></script>`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://shop.example');
    if (pathname === '/client.js') response.setHeader('content-type', 'text/javascript').end(script);
    else if (pathname === '/pixel.gif') response.setHeader('content-type', 'image/gif').end(PIXEL);
    else if (pathname === '/api/items/7') response.setHeader('content-type', 'application/json').end('{"id":7}');
    else if (pathname.startsWith('/api/')) response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    else if (pathname === '/gone') response.setHeader('content-type', 'text/html').end('<title>gone</title>');
    else response.setHeader('content-type', 'text/html').end(page);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Waits until the collector has so many events: a closing browser would take along what is still on its way. */
export async function taken(tab, collector, protocol, events) {
  const counter = `rum_collector_events_total{protocol="${protocol}"} `;
  for (;;) {
    const counts = await (await fetch(`${collector}/metrics`)).text();
    const line = counts.split('\n').find((one) => one.startsWith(counter)) ?? `${counter}0`;
    if (Number(line.slice(counter.length)) >= events) return;
    await tab.waitForTimeout(50);
  }
}

/** Every POST of the tab to the collector: which beacon it was, its path, headers and what it was answered. */
export function watch(tab, collector) {
  const posts = [];
  tab.on('response', (response) => {
    const request = response.request();
    if (request.method() !== 'POST' || !request.url().startsWith(collector)) return;
    const { pathname } = new URL(request.url());
    const sent = request.headers();
    const body = createHash('sha256').update(request.postDataBuffer() ?? '');
    const beacon = sent['idempotency-key'] ?? body.digest('hex');
    posts.push({ beacon, path: pathname, sent, status: response.status(), told: response.headers() });
  });
  return posts;
}
