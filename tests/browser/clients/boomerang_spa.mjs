// node boomerang_spa.mjs <beacon url>: a single-page app with boomerang's history plugin; one soft navigation.
// Prints what boomerang's own `beacon` event told the page.
import { readFile } from 'node:fs/promises';
import { inBrowser } from '../browser.mjs';
import { withShop } from './shop.mjs';

const PLUGINS = ['auto-xhr', 'spa', 'history', 'rt', 'painttiming', 'navtiming', 'eventtiming'];
const files = ['boomerang', ...PLUGINS.map((name) => `plugins/${name}`), 'plugins/zzz-last-plugin'];
const root = new URL('node_modules/boomerangjs/', import.meta.url);
const library = (await Promise.all(files.map((name) => readFile(new URL(`${name}.js`, root), 'utf8')))).join('\n');
const config = {
  beacon_url: process.argv[2],
  beacon_type: 'POST',
  instrument_xhr: true,
  autorun: false,
  History: { enabled: true, auto: true },
};
const page = `<!doctype html><title>shop</title><h1>A shop in one page</h1><button id="cart">Cart</button>
<script src="/boomerang.js"></script>
<script>
  BOOMR.subscribe('beacon', (vars) => {
    const log = JSON.parse(sessionStorage.getItem('log') ?? '[]');
    sessionStorage.setItem('log', JSON.stringify([...log, { ...vars }]));
  });
  BOOMR.init(${JSON.stringify(config)});
  document.getElementById('cart').onclick = () => {
    history.pushState({}, '', '/cart/77?coupon=secret');
    document.body.append(Object.assign(new Image(), { src: '/cart.gif?user=secret' }));
  };
</script>`;

const log = await withShop(page, { '/boomerang.js': library }, (origin) =>
  inBrowser(async (tab) => {
    const sent = (wanted) =>
      tab.waitForFunction(
        (initiator) => JSON.parse(sessionStorage.getItem('log') ?? '[]').some((v) => v['http.initiator'] === initiator),
        wanted,
      );
    await tab.goto(`${origin}/product/123?coupon=secret`);
    await sent('spa_hard');
    await tab.click('#cart');
    await sent('spa');
    await tab.goto(`${origin}/gone`);
    return JSON.parse(await tab.evaluate(() => sessionStorage.getItem('log')));
  }),
);
console.log(JSON.stringify({ log }));
