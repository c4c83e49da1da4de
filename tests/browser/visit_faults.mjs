// Visits with everything that goes wrong: node visit_faults.mjs <collector> <visits> <seed>.
// Prints what the pages measured, page by page, and which beacons they closed.
import { inBrowser } from './browser.mjs';
import { openShop } from './shop.mjs';

const [collector, visits, seed] = process.argv.slice(2).map((told, n) => (n ? Number(told) : told));

let state = seed;
/** mulberry32: the same visits for the same seed. */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const below = (n) => Math.floor(random() * n);
const one = (list) => list[below(list.length)];

// Each page keeps what it measured in an item of its own, written before the page can be gone.
const html = (path) => `<!doctype html><title>${path}</title><h1>${path}</h1><button>work</button>
<script>
  const key = 'truth.' + Math.random().toString(36).slice(2);
  const truth = { path: location.pathname, events: [], beacons: [] };
  const keep = () => localStorage.setItem(key, JSON.stringify(truth));
  addEventListener('rumstream:event', ({ detail: { k, n, a } }) => {
    truth.events.push({ k, n, probe: a && a.probe });
    keep();
  });
  addEventListener('rumstream:beacon', ({ detail }) => {
    const session = JSON.parse(sessionStorage.getItem('rumstream')).id;
    truth.beacons.push({ ...detail, session });
    keep();
  });
  let probes = 0;
  window.probe = () => rumstream.track('probe', { probe: key + '.' + probes++ });
</script>
<script src="/rum-all.js" data-flush-ms="300"></script>`;

const site = await openShop(collector, (path) => (path.startsWith('/shop/') ? html(path) : undefined));

async function visit(context, number, counts) {
  const page = await context.newPage();
  await page.goto(`${site.origin}/shop/${number}/1`);
  const closed = () => page.evaluate(() => truth.beacons.length);
  const measure = (n) => page.evaluate((many) => { for (let k = 0; k < many; k += 1) probe(); }, n);
  /** Until the page has closed a beacon more: what is measured has left the queue. */
  const moved = async (before) => page.waitForFunction((n) => truth.beacons.length > n, before);
  const steps = 3 + below(4);
  /** Where the tab is in its history of so many pages. */
  let [at, length] = [0, 1];
  for (let step = 0; step < steps; step += 1) {
    const ways = ['measure', 'burst', 'offline', 'refused', 'cut', 'unanswered', 'ok', 'next', 'route'];
    const what = one([...ways, ...(at > 0 ? ['back', 'back'] : []), ...(at < length - 1 ? ['forward', 'forward'] : [])]);
    counts[what] = (counts[what] ?? 0) + 1;
    const before = await closed();
    if (what === 'measure') await measure(1 + below(5));
    else if (what === 'burst') {
      await measure(25);
      await moved(before);
    } else if (what === 'offline') {
      await context.setOffline(true);
      await measure(1 + below(5));
      await moved(before);
      await context.setOffline(false);
    } else if (['refused', 'cut', 'unanswered', 'ok'].includes(what)) {
      site.mode = what;
      await measure(1 + below(5));
      if (below(2)) await moved(before);
    } else if (what === 'next') {
      await measure(1 + below(3));
      await page.goto(`${site.origin}/shop/${number}/${step + 2}`);
      length = (at += 1) + 1;
    } else if (what === 'route') {
      length = (at += 1) + 1;
      await page.evaluate((path) => history.pushState(null, '', path), `/shop/${number}/route-${step}`);
    } else {
      await measure(1);
      const by = what === 'back' ? -1 : 1;
      at += by;
      const left = page.url();
      await page.evaluate((steps) => void setTimeout(() => history.go(steps)), by);
      await page.waitForFunction((url) => location.href !== url && globalThis.rumstream !== undefined, left);
    }
  }
  await measure(1 + below(4));
  // Some tabs are closed with the network away, some with the collector in trouble.
  if (below(4) === 0) await context.setOffline(true);
  await page.close();
  await context.setOffline(false);
  if (below(2)) site.mode = 'ok';
}

try {
  const told = await inBrowser(async (first, context) => {
    await first.goto(`${site.origin}/shop/first/1`);
    const counts = {};
    for (let number = 0; number < visits; number += 1) await visit(context, number, counts);
    // The last page finds what others left behind, on a network that works.
    site.mode = 'ok';
    const last = await context.newPage();
    await last.goto(`${site.origin}/shop/last/1`);
    await last.waitForFunction(() => !localStorage.getItem('rumstream.unsent'), undefined, { timeout: 60_000 });
    for (const page of context.pages()) if (page !== last) await page.close();
    await last.goto(`${site.origin}/healthz`);
    const pages = await last.evaluate(() =>
      Object.keys(localStorage).filter((key) => key.startsWith('truth.')).map((key) => JSON.parse(localStorage.getItem(key))),
    );
    return { pages, counts };
  });
  console.log(JSON.stringify({ ...told, passed: site.passed, failed: site.failed }));
} finally {
  site.close();
}
