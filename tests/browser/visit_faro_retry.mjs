// A visit with Grafana Faro to a shop whose collector can't keep anything for a while: node visit_faro_retry.mjs <collector>.
// Prints every attempt once each beacon has been taken.
import { openSite, watch } from './clients/site.mjs';
import { inBrowser } from './browser.mjs';

const [collector] = process.argv.slice(2);
const shop = await openSite('faro.js', { url: `${collector}/collect`, tracing: false });

try {
  const posts = await inBrowser(async (tab) => {
    const seen = watch(tab, collector);
    const keys = (taken) => new Set(seen.filter((p) => !taken || p.status === 202).map((p) => p.sent['idempotency-key']));
    await tab.goto(`${shop.origin}/basket/42`);
    while (!seen.some((post) => post.status === 503) || keys(true).size < keys(false).size) {
      await tab.waitForEvent('response', { predicate: (response) => response.url().startsWith(collector) });
    }
    return seen;
  });
  console.log(JSON.stringify({ posts }));
} finally {
  shop.close();
}
