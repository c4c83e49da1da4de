// A page whose first beacons are taken but never answered, so that it sends them again: node visit_twice.mjs <collector>.
// Prints its session and how many times a beacon was passed on.
import { inBrowser } from './browser.mjs';
import { openShop } from './shop.mjs';

const [collector] = process.argv.slice(2);
const html = '<!doctype html><title>twice</title><h1>Twice</h1><script src="/rum.js" data-flush-ms="100"></script>';
const site = await openShop(collector, (path) => (path === '/twice' ? html : undefined));
try {
  const seen = await inBrowser(async (page) => {
    site.mode = 'unanswered';
    await page.goto(`${site.origin}/twice`);
    await page.evaluate(() => {
      for (let n = 0; n < 5; n += 1) rumstream.track('twice', { probe: n });
      rumstream.flush();
    });
    const session = await page.evaluate(() => JSON.parse(sessionStorage.getItem('rumstream')).id);
    while (site.passed < 1) await page.evaluate(() => new Promise(requestAnimationFrame));
    site.mode = 'ok';
    // The same beacon again, by the page itself.
    await page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.status() === 204);
    await page.goto(`${site.origin}/healthz`);
    return { session, passed: site.passed };
  });
  console.log(JSON.stringify(seen));
} finally {
  site.close();
}
