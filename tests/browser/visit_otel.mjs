// A visit to a shop with OpenTelemetry: node visit_otel.mjs <collector> json|protobuf. Prints what it saw and was told.
import { openSite, taken, watch } from './clients/site.mjs';
import { inBrowser } from './browser.mjs';

const [collector, encoding] = process.argv.slice(2);
const shop = await openSite('otel.js', { collector, protobuf: encoding === 'protobuf' });

try {
  const found = await inBrowser(async (tab) => {
    const posts = watch(tab, collector);
    const seen = (test) => tab.waitForFunction(`window.seen.some((one) => ${test})`);
    await tab.goto(`${shop.origin}/basket/42?secret=1`);
    await seen("one.name === 'documentLoad'");
    await tab.click('#buy');
    await tab.evaluate(async () => {
      await fetch('/api/items/7?q=1');
      await fetch('/api/none/8', { method: 'POST', body: '{}' });
      window.shop.counter.add(3, { step: 'pay' });
      window.shop.lcp.record(1.5, { id: 'v6-own' });
      window.shop.sizes.record(70_000);
      setTimeout(function fails() {
        null.price;
      });
    });
    await seen("one.name === 'exception'");
    await seen("one.name === 'POST'");
    await seen("one.name === 'longtask'");
    await tab.evaluate(() => history.pushState({}, '', '/checkout/9'));
    await seen("one.name === 'browser.navigation' && one.attributes['browser.navigation.same_document'] === true");
    await tab.evaluate(() => window.shop.flush());
    const session = await tab.evaluate(() => window.session);
    const load = await tab.evaluate(() => performance.getEntriesByType('navigation')[0].duration);
    await tab.goto(`${shop.origin}/gone`);
    const items = JSON.parse(await tab.evaluate(() => sessionStorage.getItem('seen')));
    const loads = items.filter((item) => item.name === 'documentLoad').length; // each a view, too
    await taken(tab, collector, 'otlp', items.length + loads);
    return { origin: shop.origin, items, posts, session, load };
  });
  console.log(JSON.stringify(found));
} finally {
  shop.close();
}
