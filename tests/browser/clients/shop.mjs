// A shop on a port of its own, whose pages run somebody else's library: serves these pages and files, nothing else.
import { createServer } from 'node:http';

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** Run `work(origin)` while the shop serves `html` at every path but those of `scripts` ({path: text}) and `.gif`. */
export async function withShop(html, scripts, work) {
  const shop = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://shop');
    if (pathname in scripts) response.setHeader('content-type', 'text/javascript').end(scripts[pathname]);
    else if (pathname.endsWith('.gif')) response.setHeader('content-type', 'image/gif').end(PIXEL);
    else if (pathname === '/gone') response.setHeader('content-type', 'text/html').end('<title>gone</title>');
    else response.setHeader('content-type', 'text/html').end(html);
  });
  await new Promise((listening) => shop.listen(0, '127.0.0.1', listening));
  try {
    return await work(`http://127.0.0.1:${shop.address().port}`);
  } finally {
    shop.close();
    shop.closeAllConnections();
  }
}
