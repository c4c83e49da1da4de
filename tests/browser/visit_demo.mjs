// A visit to the demo: node visit_demo.mjs <collector> <api port> <screenshot>. Prints what the pages logged.
import { inBrowser } from './browser.mjs';

const [collector, apiPort, screenshot] = process.argv.slice(2);

const visit = await inBrowser(async (page) => {
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  // The browser tells of a slow click some time after its paint: a page left before that has no INP.
  const interactionMeasured = () =>
    page.evaluate(
      () =>
        new Promise((done) => {
          new PerformanceObserver((_, observer) => {
            observer.disconnect();
            done();
          }).observe({ type: 'event', buffered: true, durationThreshold: 40 });
        }),
    );
  await page.goto(`${collector}/demo/?api=${apiPort}`);
  const logged = (name) =>
    page.waitForFunction(
      (wanted) => window.__rum_log.some((m) => m.name === wanted && m.page === location.pathname),
      name,
    );
  await logged('FCP');
  await page.click('#work');
  await interactionMeasured();
  await logged('LCP');
  await page.click('#throw');
  await page.click('#fetch');
  await page.waitForFunction(() => document.getElementById('fetch-done').textContent.includes('200'));
  await page.click('#shift');
  await page.waitForSelector('#late', { state: 'visible' });
  // Two frames: the shift is painted, and measured, in the first of them.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
  const apiLink = await page.getAttribute('a[data-api="/"]', 'href');

  await page.click('a[href="/demo/product/123/"]');
  await page.waitForURL('**/demo/product/123/');
  await logged('FCP');
  await page.click('#work');
  await interactionMeasured();
  await logged('LCP');

  // A page of the same origin without the SDK: the tab's log is whole once both pages are gone.
  await page.goto(`${collector}/healthz`);
  const log = JSON.parse(await page.evaluate(() => sessionStorage.getItem('rum_log')));
  const session = JSON.parse(await page.evaluate(() => sessionStorage.getItem('rumstream')));
  return { log, session, errors, apiLink, userAgent: await page.evaluate(() => navigator.userAgent) };
});
console.log(JSON.stringify(visit));
