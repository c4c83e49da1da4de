// node boomerang.mjs <beacon url> <get|beacon|xhr>: a page with boomerang, built from the package's files as its
// Gruntfile does: boomerang.js, plugins, zzz-last-plugin.js. Prints what boomerang's own `beacon` event told the page.
import { readFile } from 'node:fs/promises';
import { inBrowser } from '../browser.mjs';
import { withShop } from './shop.mjs';

const PLUGINS = [
  'continuity', 'auto-xhr', 'rt', 'painttiming', 'navtiming', 'restiming', 'mobile', 'memory', 'compression', 'errors',
  'eventtiming', 'bfcache',
];
const [beaconUrl, transport] = process.argv.slice(2);
const files = ['boomerang', ...PLUGINS.map((name) => `plugins/${name}`), 'plugins/zzz-last-plugin'];
const root = new URL('node_modules/boomerangjs/', import.meta.url);
const library = (await Promise.all(files.map((name) => readFile(new URL(`${name}.js`, root), 'utf8')))).join('\n');
const config = {
  beacon_url: beaconUrl,
  beacon_type: transport === 'get' ? 'GET' : 'POST',
  beacon_disable_sendbeacon: transport === 'xhr',
  instrument_xhr: true,
  AutoXHR: { alwaysSendXhr: true },
  Continuity: { afterOnload: true, monitorLongTasks: true, monitorLayoutShifts: true },
  Errors: { sendAfterOnload: true, sendInterval: 50 },
  ResourceTiming: { splitAtPath: false },
};
if (transport === 'get') config.ResourceTiming.enabled = false; // a query must stay short
const page = `<!doctype html><title>shop</title><h1>A shop with boomerang</h1>
<button id="buy">Buy</button><button id="throw">Throw</button><button id="ask">Ask</button>
<img src="/hero.gif?user=secret" width="300" height="200"><img src="/second.gif" width="30" height="20">
<script src="/boomerang.js?key=secret"></script>
<script>
  BOOMR.subscribe('beacon', (vars) => {
    const log = JSON.parse(sessionStorage.getItem('log') ?? '[]');
    sessionStorage.setItem('log', JSON.stringify([...log, { ...vars }]));
  });
  BOOMR.init(${JSON.stringify(config)});
  const busy = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
  document.getElementById('buy').onclick = () => busy(80);
  document.getElementById('throw').onclick = () => { throw new TypeError('jane@shop.example has no basket'); };
  document.getElementById('ask').onclick = () => {
    const asked = new XMLHttpRequest();
    asked.open('GET', '/api/cart/77?token=secret');
    asked.send();
  };
  addEventListener('load', () => setTimeout(() => busy(70)));
  // Shifts within half a second of an input do not count: shift until one does.
  const shift = () => new Promise((shifted) => {
    const timer = setInterval(() => {
      const box = document.createElement('div');
      box.style.height = '50px';
      document.body.prepend(box);
    }, 100);
    new PerformanceObserver((list, observer) => {
      if (list.getEntries().every((entry) => entry.hadRecentInput)) return;
      clearInterval(timer);
      observer.disconnect();
      shifted();
    }).observe({ type: 'layout-shift' });
  });
</script>`;

const told = await withShop(page, { '/boomerang.js': library }, (origin) =>
  inBrowser(async (tab) => {
    const sent = (test) =>
      tab.waitForFunction((source) => JSON.parse(sessionStorage.getItem('log') ?? '[]').some(eval(source)), `${test}`);
    await tab.goto(`${origin}/product/123?coupon=secret#secret`);
    await sent((vars) => !vars['http.initiator'] && 't_done' in vars);
    const observed = await tab.evaluate(() => ({
      resources: performance.getEntriesByType('resource').map(({ name, initiatorType }) => ({ name, initiatorType })),
      fcp: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    }));
    await tab.evaluate(() => shift());
    await tab.click('#throw');
    await sent((vars) => vars['http.initiator'] === 'error');
    await tab.click('#ask');
    await sent((vars) => vars['http.initiator'] === 'xhr');
    await tab.evaluate(() => shift());
    await tab.click('#buy');
    await tab.evaluate(() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted))));
    await tab.goto(`${origin}/gone`);
    const log = JSON.parse(await tab.evaluate(() => sessionStorage.getItem('log')));
    return { log, observed };
  }),
);
console.log(JSON.stringify(told));
