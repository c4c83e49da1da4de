// A visit to a shop that sends all the time: node visit_stopped.mjs <collector> faro|json|protobuf. Ends once a beacon
// was refused with 503 and each has been taken since; prints every attempt.
import { openSite, watch } from './clients/site.mjs';
import { inBrowser } from './browser.mjs';

const [collector, client] = process.argv.slice(2);
const shop =
  client === 'faro'
    ? await openSite('faro.js', { url: `${collector}/collect`, tracing: false })
    : await openSite('otel.js', { collector, protobuf: client === 'protobuf' });

try {
  const posts = await inBrowser(async (tab) => {
    const seen = watch(tab, collector);
    const beacons = (some) => new Set(seen.filter(some).map((post) => post.beacon));
    tab.setDefaultTimeout(80_000);
    await tab.goto(`${shop.origin}/basket/42`);
    await tab.waitForFunction('window.beat');
    await tab.evaluate(() => setInterval(window.beat, 300));
    while (!seen.some((post) => post.status === 503) || beacons((p) => p.status < 300).size < beacons(() => true).size) {
      await tab.waitForEvent('response', { predicate: (response) => response.url().startsWith(collector) });
    }
    return seen;
  });
  console.log(JSON.stringify({ posts }));
} finally {
  shop.close();
}
