// A page of another origin that sends web-vitals by itself: node visit_vitals.mjs <collector>. Prints what it sent.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { inBrowser } from './browser.mjs';

const [collector] = process.argv.slice(2);
const library = await readFile(new URL('../../browser/node_modules/web-vitals/dist/web-vitals.iife.js', import.meta.url));
const page = `<!doctype html><title>shop</title><h1>A shop without an SDK</h1><button id="buy">Buy</button>
<script src="/web-vitals.js"></script>
<script>
  for (const on of ['onLCP', 'onINP', 'onCLS', 'onFCP', 'onTTFB']) {
    webVitals[on]((metric) => {
      const { name, value, id, navigationType } = metric;
      const log = JSON.parse(sessionStorage.getItem('log') ?? '[]');
      sessionStorage.setItem('log', JSON.stringify([...log, { name, value, id, navigationType }]));
      navigator.sendBeacon('${collector}/api/v1/vitals', JSON.stringify(metric));
    });
  }
  document.getElementById('buy').onclick = () => {
    const end = performance.now() + 60;
    while (performance.now() < end);
  };
</script>`;

const shop = createServer((request, response) => {
  if (request.url === '/web-vitals.js') response.setHeader('content-type', 'text/javascript').end(library);
  else if (request.url === '/gone') response.setHeader('content-type', 'text/html').end('<title>gone</title>');
  else response.setHeader('content-type', 'text/html').end(page);
});
await new Promise((listening) => shop.listen(0, '127.0.0.1', listening));
const origin = `http://127.0.0.1:${shop.address().port}`;

try {
  const log = await inBrowser(async (tab) => {
    const logged = (name) =>
      tab.waitForFunction((wanted) => (sessionStorage.getItem('log') ?? '').includes(`"${wanted}"`), name);
    await tab.goto(`${origin}/basket/42`);
    await logged('FCP');
    await tab.click('#buy');
    await logged('LCP');
    await tab.goto(`${origin}/gone`);
    return JSON.parse(await tab.evaluate(() => sessionStorage.getItem('log')));
  });
  console.log(JSON.stringify({ log }));
} finally {
  shop.close();
}
