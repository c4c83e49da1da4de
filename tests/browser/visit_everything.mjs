// One visit in which everything happens that the SDK measures: node visit_everything.mjs <collector>.
// Prints what the page itself observed, by the browser's own interfaces and apart from the SDK.
import { inBrowser } from './browser.mjs';
import { openShop } from './shop.mjs';

const [collector] = process.argv.slice(2);

const html = `<!doctype html><title>everything</title><link rel="icon" href="data:,">
<script>
  // What the page sees for itself.
  window.seen = { longtasks: [], frames: [], requests: [], session: () => JSON.parse(sessionStorage.getItem('rumstream')).id };
  const watch = (type, into) =>
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => into.push(entry))).observe({ type, buffered: true });
  watch('longtask', seen.longtasks);
  watch('long-animation-frame', seen.frames);
</script>
<script src="/rum-all.js" data-flush-ms="500" data-release="2026-04" data-environment="test" data-trace-origins="ORIGIN"></script>
<link rel="stylesheet" href="/style.css">
<h1>Everything</h1>
<img src="/picture.svg" alt="">
<main id="shop"><button name="work">Work</button><input name="card"></main>
<script>
  document.querySelector('button').onclick = () => {
    const end = performance.now() + 120;
    while (performance.now() < end);
  };
</script>`;

const traces = [];
const site = await openShop(collector, (path) => (path === '/page?user=a@b.example' ? html.replace('ORIGIN', site.origin) : undefined), {
  '/style.css': ['text/css', 'h1 { color: teal }'],
  '/picture.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><rect width="300" height="300"/></svg>'],
  '/api/cart/7': ['application/json', '{}', (headers) => traces.push(headers.traceparent)],
});

try {
  const seen = await inBrowser(async (page) => {
    await page.goto(`${site.origin}/page?user=a@b.example`);
    await page.click('button');
    await page.waitForFunction(() => seen.longtasks.length > 0 && seen.frames.length > 0);
    await page.type('input', '4111111111111111');
    const statuses = await page.evaluate(async () => {
      const asked = [await fetch('/api/cart/7'), await fetch('/nothing/here?token=secret', { method: 'POST' })];
      const xhr = new XMLHttpRequest();
      await new Promise((done) => {
        xhr.open('GET', '/api/cart/7');
        xhr.onloadend = done;
        xhr.send();
      });
      const gone = await fetch('http://127.0.0.1:1/gone').catch((error) => error.name);
      setTimeout(() => {
        throw new RangeError('thrown for a.b@example.com');
      });
      Promise.reject(new TypeError('rejected on purpose'));
      return [...asked.map(({ status }) => status), xhr.status, gone];
    });
    await page.evaluate(() => {
      rumstream.setUser('visitor 7');
      rumstream.track('checkout', { items: 3, duration: 12.5 });
      history.pushState(null, '', '/product/42/reviews?sort=new');
    });
    // Two frames and the time in which a transition must be quiet, told by the SDK's own event.
    await page.evaluate(() => new Promise((done) => addEventListener('rumstream:event', ({ detail }) => detail.n === 'route' && done())));
    const observed = await page.evaluate(() => {
      const [load] = performance.getEntriesByType('navigation');
      const paints = performance.getEntriesByType('paint').map(({ name, startTime }) => [name, startTime]);
      const resources = performance.getEntriesByType('resource').filter(({ initiatorType }) => !['fetch', 'xmlhttprequest', 'beacon'].includes(initiatorType));
      return {
        session: seen.session(),
        metrics: rumstream.getMetrics(),
        load: { duration: load.duration, responseStart: load.responseStart, domInteractive: load.domInteractive },
        paints: Object.fromEntries(paints),
        resources: resources.map(({ name, duration, transferSize, initiatorType }) => [name, duration, transferSize, initiatorType]),
        longtasks: seen.longtasks.map(({ startTime, duration }) => [startTime, duration]),
        frames: seen.frames.map(({ duration }) => duration),
      };
    });
    await page.goto(`${site.origin}/healthz`);
    return { ...observed, statuses };
  });
  console.log(JSON.stringify({ ...seen, origin: site.origin, traces }));
} finally {
  site.close();
}
