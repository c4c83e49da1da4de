// A page that takes the SDK as modules, with web-vitals' attribution: node visit_modules.mjs <collector> <dist folder>.
// Prints the session, and what it holds for the metrics.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inBrowser } from './browser.mjs';
import { openShop } from './shop.mjs';

const [collector, dist] = process.argv.slice(2);
const packages = new URL('../../browser/node_modules/', import.meta.url);
const html = `<!doctype html><title>modules</title>
<script type="importmap">{"imports": {"web-vitals": "/vitals.js", "web-vitals/attribution": "/attribution.js"}}</script>
<h1>Modules</h1><button>work</button>
<script type="module">
  import { init, track } from '/esm/attribution.js';
  import { errors } from '/esm/errors.js';
  import { interactions } from '/esm/interactions.js';
  init({ flushMs: 100, collectors: [errors(), interactions()] });
  track('module', { n: 1 });
  window.ready = true;
</script>`;

const files = {
  '/vitals.js': ['text/javascript', await readFile(new URL('web-vitals/dist/web-vitals.js', packages))],
  '/attribution.js': ['text/javascript', await readFile(new URL('web-vitals/dist/web-vitals.attribution.js', packages))],
};
for (const name of await readdir(join(dist, 'esm'))) {
  files[`/esm/${name}`] = ['text/javascript', await readFile(join(dist, 'esm', name))];
}

const site = await openShop(collector, (path) => (path === '/modules' ? html : undefined), files);
try {
  const seen = await inBrowser(async (page) => {
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${site.origin}/modules`);
    await page.waitForFunction(() => window.ready);
    await page.click('button');
    const session = await page.evaluate(() => JSON.parse(sessionStorage.getItem('rumstream')).id);
    await page.goto(`${site.origin}/healthz`);
    return { session, errors };
  });
  console.log(JSON.stringify(seen));
} finally {
  site.close();
}
