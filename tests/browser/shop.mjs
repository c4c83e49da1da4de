// A site whose pages carry the SDK, and whose way to the collector can fail: the collector itself is the real one.
import { createServer, request } from 'node:http';

/**
 * Pages by path (a function of the path giving HTML, [HTML, headers] or undefined), files by path ([type, text, heard of its request's
 * headers]), everything else passed on to the collector.
 * `site.mode` is what becomes of a beacon: 'ok'; 'refused' (503, never passed on); 'cut' (the connection is cut before
 * it is passed on); 'unanswered' (passed on and taken, but the answer is lost on the way).
 */
export async function openShop(collector, pageOf, files = {}) {
  const { hostname, port } = new URL(collector);
  const site = { mode: 'ok', passed: 0, failed: 0 };
  const server = createServer(async (incoming, outgoing) => {
    const page = incoming.method === 'GET' ? pageOf(incoming.url) : undefined;
    if (page !== undefined) {
      const [html, headers] = [page].flat();
      return void outgoing.writeHead(200, { 'content-type': 'text/html', ...headers }).end(html);
    }
    const [type, text, heard] = files[incoming.url] ?? [];
    heard?.(incoming.headers);
    if (type) return void outgoing.setHeader('content-type', type).end(text);
    const pieces = [];
    for await (const piece of incoming) pieces.push(piece);
    const { mode } = site;
    if (incoming.method === 'POST' && mode !== 'ok') site.failed += 1;
    if (incoming.method === 'POST' && mode === 'refused') return void outgoing.writeHead(503, { 'retry-after': '1' }).end();
    if (incoming.method === 'POST' && mode === 'cut') return void incoming.socket.destroy();
    const { 'content-length': _, connection: __, ...headers } = incoming.headers;
    const forward = request({ hostname, port, path: incoming.url, method: incoming.method, headers }, (answer) => {
      if (incoming.method === 'POST') site.passed += 1;
      if (incoming.method === 'POST' && mode === 'unanswered') return void incoming.socket.destroy();
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    forward.on('error', () => outgoing.destroy());
    forward.end(Buffer.concat(pieces));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  site.origin = `http://127.0.0.1:${server.address().port}`;
  site.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return site;
}
