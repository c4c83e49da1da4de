// A page under a strict policy that takes the SDK from the collector's own origin, by its versioned address and hash:
// node visit_csp.mjs <collector>. Prints what the browser complained of, with the policy kept and with it broken.
import { inBrowser } from './browser.mjs';
import { openShop } from './shop.mjs';

const [collector] = process.argv.slice(2);
const { url, integrity } = (await (await fetch(`${collector}/rum.json`)).json())['rum-all.js'];

const policy = (connect) => ({
  'content-security-policy': [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    `script-src ${collector} 'nonce-page'`,
    `connect-src ${connect}`,
  ].join('; '),
});
const html = (hash) => `<!doctype html><title>strict</title>
<script nonce="page">
  window.complaints = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective }) => complaints.push(violatedDirective));
  addEventListener('error', (event) => complaints.push(event.message ?? 'the script was not taken'), true);
</script>
<script src="${collector}${url}" integrity="${hash}" crossorigin="anonymous" data-flush-ms="100"></script><h1>Strict</h1>`;
const pages = {
  '/kept': [html(integrity), policy(collector)],
  '/closed': [html(integrity), policy("'none'")],
  '/forged': [html(integrity.replace(/.{8}$/, 'AAAAAAAA')), policy(collector)],
};

const site = await openShop(collector, (path) => pages[path]);
try {
  const seen = await inBrowser(async (page, context) => {
    await page.goto(`${site.origin}/kept`);
    const answered = page.waitForResponse((answer) => answer.url().includes('/api/v1/rum'));
    await page.evaluate(() => rumstream.track('strict', { n: 1 }));
    const status = (await answered).status();
    const session = await page.evaluate(() => JSON.parse(sessionStorage.getItem('rumstream')).id);
    const kept = await page.evaluate(() => complaints);
    const closed = await context.newPage();
    await closed.goto(`${site.origin}/closed`);
    await closed.evaluate(() => rumstream.track('closed'));
    await closed.waitForFunction(() => complaints.length > 0);
    const forged = await context.newPage();
    await forged.goto(`${site.origin}/forged`);
    return {
      status,
      session,
      kept,
      closed: [...new Set(await closed.evaluate(() => complaints))],
      forged: await forged.evaluate(() => [complaints, typeof rumstream]),
    };
  });
  console.log(JSON.stringify(seen));
} finally {
  site.close();
}
