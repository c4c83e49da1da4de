// A visit to a shop with Grafana Faro: node visit_faro.mjs <collector>. Prints what Faro saw and what it was answered.
import { openSite, taken, watch } from './clients/site.mjs';
import { inBrowser } from './browser.mjs';

const [collector] = process.argv.slice(2);
const shop = await openSite('faro.js', { url: `${collector}/collect/a-key`, tracing: true });
const LONG_AGO = 20 * 60 * 1000;

/** How many events an item becomes: a page load is a view, too; a trace and a measurement may hold several. */
function eventsOf({ type, payload }) {
  if (payload.name === 'faro.performance.navigation') return 2;
  if (type === 'measurement' && payload.type !== 'web-vitals') return Object.keys(payload.values).length;
  if (type !== 'trace') return 1;
  return payload.resourceSpans.flatMap((r) => r.scopeSpans).reduce((sum, scope) => sum + scope.spans.length, 0);
}

try {
  const found = await inBrowser(async (tab) => {
    const posts = watch(tab, collector);
    const seen = (test) => tab.waitForFunction(`window.seen.some((item) => ${test})`);
    await tab.goto(`${shop.origin}/basket/42?secret=1`);
    await seen("item.payload.name === 'faro.performance.navigation'");
    await tab.click('#buy');
    await tab.evaluate(async () => {
      await fetch('/api/items/7?q=1');
      await fetch('/api/none/8');
      window.faro.api.pushMeasurement({ type: 'cart', values: { items: 3, weighed: 1.5 } }, { context: { step: 'pay' } });
      console.warn('a warning to jane@shop.example');
      setTimeout(function fails() {
        null.price;
      });
    });
    await seen("item.type === 'exception'");
    await seen("item.type === 'trace'");
    await tab.evaluate(() => window.faro.api.setView({ name: 'checkout' }));
    const first = await tab.evaluate(() => window.faro.metas.value.session.id);
    await tab.evaluate((ago) => {
      const key = 'com.grafana.faro.session';
      const session = JSON.parse(sessionStorage.getItem(key));
      sessionStorage.setItem(key, JSON.stringify({ ...session, lastActivity: session.lastActivity - ago }));
      const now = Date.now;
      Date.now = () => now() + 60_000; // Faro looks once a second
      window.faro.api.pushEvent('after a long pause');
      Date.now = now;
    }, LONG_AGO);
    await seen("item.payload.name === 'session_extend'");
    const second = await tab.evaluate(() => window.faro.metas.value.session.id);
    const load = await tab.evaluate(() => performance.getEntriesByType('navigation')[0].duration);
    await tab.goto(`${shop.origin}/gone`);
    const items = JSON.parse(await tab.evaluate(() => sessionStorage.getItem('seen')));
    await taken(tab, collector, 'faro', items.reduce((sum, item) => sum + eventsOf(item), 0));
    return { origin: shop.origin, items, posts, first, second, load };
  });
  console.log(JSON.stringify(found));
} finally {
  shop.close();
}
