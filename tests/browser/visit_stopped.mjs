// A visit to a shop whose collector can't keep anything for a while: node visit_stopped.mjs <collector> faro|json|protobuf.
// Prints every attempt to send a beacon, once each beacon has been taken.
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
    await tab.goto(`${shop.origin}/basket/42`);
    while (!seen.some((post) => post.status === 503) || beacons((p) => p.status < 300).size < beacons(() => true).size) {
      await tab.waitForEvent('response', { predicate: (response) => response.url().startsWith(collector) });
    }
    return seen;
  });
  console.log(JSON.stringify({ posts }));
} finally {
  shop.close();
}
