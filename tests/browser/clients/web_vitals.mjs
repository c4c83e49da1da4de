// node web_vitals.mjs <collector> <major version> <string|blob|array>: a page that sends its vitals. Prints its log.
import { readFile } from 'node:fs/promises';
import { inBrowser } from '../browser.mjs';
import { withShop } from './shop.mjs';

const [collector, version, shape] = process.argv.slice(2);
const library = await readFile(new URL(`node_modules/web-vitals-${version}/dist/web-vitals.iife.js`, import.meta.url));
const send = {
  string: `(metric) => navigator.sendBeacon(to, JSON.stringify(metric))`,
  blob: `(metric) => navigator.sendBeacon(to, new Blob([JSON.stringify(metric)], { type: 'application/json' }))`,
  array: `(metric) => { queue.push(metric); if (document.visibilityState === 'hidden') flush(); }`,
}[shape];
const page = `<!doctype html><title>shop</title><h1>A shop without an SDK</h1><button id="buy">Buy</button>
<script src="/web-vitals.js"></script>
<script>
  const to = '${collector}/api/v1/vitals';
  const queue = [];
  const flush = () => queue.length && navigator.sendBeacon(to, JSON.stringify(queue.splice(0)));
  const send = ${send};
  for (const on of ['onLCP', 'onINP', 'onCLS', 'onFCP', 'onTTFB']) {
    webVitals[on]((metric) => {
      const { name, value, id } = metric;
      const log = JSON.parse(sessionStorage.getItem('log') ?? '[]');
      sessionStorage.setItem('log', JSON.stringify([...log, { name, value, id }]));
      send(metric);
    });
  }
  addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flush());
  document.getElementById('buy').onclick = () => {
    const end = performance.now() + 60;
    while (performance.now() < end);
  };
</script>`;

const log = await withShop(page, { '/web-vitals.js': library }, (origin) =>
  inBrowser(async (tab) => {
    const logged = (name) =>
      tab.waitForFunction((wanted) => (sessionStorage.getItem('log') ?? '').includes(`"${wanted}"`), name);
    await tab.goto(`${origin}/basket/42?coupon=secret`);
    await logged('FCP');
    await tab.click('#buy');
    await logged('LCP');
    await tab.evaluate(() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted))));
    await tab.goto(`${origin}/gone`);
    return JSON.parse(await tab.evaluate(() => sessionStorage.getItem('log')));
  }),
);
console.log(JSON.stringify({ log }));
