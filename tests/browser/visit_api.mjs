// Opens the API's page: node visit_api.mjs <url> <text> <screenshot>. Waits for the text, prints what the page shows.
import { inBrowser } from './browser.mjs';

const [url, text, screenshot] = process.argv.slice(2);

const shown = await inBrowser(async (page) => {
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  await page.getByText(text).first().waitFor();
  if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
  return { text: await page.innerText('body'), errors };
});
console.log(JSON.stringify(shown));
