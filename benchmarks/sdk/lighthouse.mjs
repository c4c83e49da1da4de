// The demo page with the SDK and without, by rumstream-lighthouse in turns: node lighthouse.mjs <dist folder> <runs>.
// Prints {name: [value, …]}. Both pages are the same files, gzipped, but for the SDK's script line; beacons are answered 204 at once.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const [dist, runs] = process.argv.slice(2);
const types = { html: 'text/html', js: 'text/javascript', css: 'text/css' };
const files = {};
for (const name of ['rum-all.js', 'demo/demo.js', 'demo/demo.css', 'demo/index.html']) files[`/${name}`] = await readFile(join(dist, name), 'utf8');
files['/with/'] = files['/demo/index.html'];
files['/without/'] = files['/with/'].replace(/.*rum-all\.js.*\n/, '');
if (files['/without/'] === files['/with/']) throw new Error('the demo page has no line with rum-all.js');

const server = createServer((request, response) => {
  request.resume();
  if (request.method === 'POST') return void response.writeHead(204).end();
  const text = files[request.url];
  if (text === undefined) return void response.writeHead(404).end();
  const type = types[/\w+$/.exec(request.url)?.[0]] ?? types.html;
  response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' }).end(gzipSync(text));
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const origin = `http://127.0.0.1:${server.address().port}`;
const out = await mkdtemp(join(tmpdir(), 'sdk-lighthouse-'));
try {
  const tool = [join(dist, 'tools/rumstream-lighthouse.mjs'), `${origin}/without/`, `${origin}/with/`, '--runs', runs, '--out', out];
  // 1: over a budget, which is not what is asked here.
  await promisify(execFile)(process.execPath, tool).catch((error) => {
    if (error.code !== 1) throw error;
  });
  const { pages } = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'));
  const told = {};
  for (const [n, page] of ['without the SDK', 'with rum-all.js'].entries()) {
    for (const figure of ['LCP', 'TBT']) told[`Lighthouse, the demo page ${page}: ${figure}`] = pages[n].runs.map((run) => run[figure]);
  }
  console.log(JSON.stringify(told));
} finally {
  server.closeAllConnections();
  server.close();
  await rm(out, { recursive: true });
}
