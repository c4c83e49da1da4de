// node compress.mjs < {entries: [{url: data}], sizes: [[encoded, transferred, decoded]], values: [...]}
// What boomerang's own plugins make of them: tries by letter and by path, sizes, JSURL. No browser: they are pure.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { createContext, runInContext } from 'node:vm';

const utils = { isArray: Array.isArray };
const context = createContext({ window: { BOOMR: { plugins: {}, utils } }, BOOMR: undefined });
for (const plugin of ['restiming', 'compression']) {
  const file = new URL(`node_modules/boomerangjs/plugins/${plugin}.js`, import.meta.url);
  runInContext(await readFile(file, 'utf8'), context);
}
const { ResourceTiming } = context.window.BOOMR.plugins;
const { entries, sizes, values } = JSON.parse(await text(process.stdin));
const trie = (urls, byPath) => ResourceTiming.optimizeTrie(ResourceTiming.convertToTrie(urls, byPath), true);
console.log(
  JSON.stringify({
    tries: entries.flatMap((urls) => [trie(urls, false), trie(urls, true)].map((made) => JSON.stringify(made))),
    sizes: sizes.map(([encodedBodySize, transferSize, decodedBodySize]) =>
      ResourceTiming.compressSize({ encodedBodySize, transferSize, decodedBodySize }),
    ),
    jsurls: values.map((value) => utils.Compression.jsUrl(value)),
  }),
);
