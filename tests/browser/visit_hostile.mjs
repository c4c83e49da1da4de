// Pages that are hostile to every script on them: node visit_hostile.mjs <collector>.
// Prints, by what is wrong with the page, what was thrown in it, whether its own things work, and its session.
import { inBrowser } from './browser.mjs';
import { openShop } from './shop.mjs';

const [collector] = process.argv.slice(2);

/** What each page does before the SDK's script is run. */
const HOSTILE = {
  calm: '',
  frozen: `for (const one of [Object, Array, Function, String, Promise, EventTarget, History, XMLHttpRequest, Map, Set])
    Object.freeze(one.prototype);
  Object.freeze(history);
  Object.freeze(navigator);
  Object.defineProperty(window, 'fetch', { value: window.fetch, writable: false, configurable: false });`,
  unobserved: `delete window.PerformanceObserver;`,
  half: `PerformanceObserver.prototype.observe = () => { throw new TypeError('no such type'); };`,
  forgetful: `for (const name of ['sessionStorage', 'localStorage'])
    Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });`,
  full: `Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };`,
  mute: `delete Navigator.prototype.sendBeacon;`,
  timeless: `Performance.prototype.getEntriesByType = () => []; Performance.prototype.getEntriesByName = () => [];`,
  polluted: `Object.prototype.view = 7; Object.prototype.a = { x: 1 }; Array.prototype.last = function () {};`,
  patched: `JSON.stringify = ((original) => (...given) => original(...given))(JSON.stringify);
  history.pushState = ((original) => function (...given) { return original.apply(this, given); })(history.pushState);`,
  noisy: `addEventListener('rumstream:event', () => { throw new Error('of the page'); });`,
  random: `crypto.getRandomValues = () => { throw new Error('no entropy'); };`,
};

const html = (what) => `<!doctype html><title>hostile</title><h1>${what}</h1><button>work</button>
<script>
  window.thrown = [];
  addEventListener('error', (event) => thrown.push(event.message));
  addEventListener('unhandledrejection', (event) => thrown.push(String(event.reason)));
  ${HOSTILE[what]}
</script>
<script src="/rum-all.js" data-flush-ms="100" data-release="${what}"></script>
<script>
  window.clicked = 0;
  document.querySelector('button').onclick = () => { clicked += 1; };
</script>`;

const site = await openShop(collector, (path) => (path.slice(1) in HOSTILE ? html(path.slice(1)) : undefined));

async function visit(context, what) {
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${site.origin}/${what}`);
  await page.click('button');
  const works = await page.evaluate(async () => {
    rumstream.track('own', { n: 1 });
    rumstream.setUser('u');
    rumstream.setRoute('/r');
    rumstream.getMetrics();
    const answer = await fetch('/healthz');
    const xhr = new XMLHttpRequest();
    await new Promise((done) => {
      xhr.open('GET', '/healthz');
      xhr.onloadend = done;
      xhr.send();
    });
    history.pushState(null, '', '/elsewhere');
    rumstream.flush();
    return [clicked, answer.status, xhr.status, location.pathname];
  });
  const thrown = await page.evaluate(() => thrown);
  await page.goto(`${site.origin}/healthz`);
  await page.close();
  return { works, thrown: [...new Set([...thrown, ...errors])] };
}

try {
  const seen = await inBrowser(async (_, context) => {
    const pages = {};
    for (const what of Object.keys(HOSTILE)) pages[what] = await visit(context, what);
    return pages;
  });
  console.log(JSON.stringify(seen));
} finally {
  site.close();
}
