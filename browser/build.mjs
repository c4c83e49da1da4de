// Bundles the SDK to dist/rum.js and the demo to dist/demo/, and says how large the SDK is.
import { build } from 'esbuild';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const here = (path) => new URL(path, import.meta.url).pathname;
const shared = { bundle: true, target: 'es2020', format: 'iife', legalComments: 'none', logLevel: 'warning' };

await rm(here('dist'), { recursive: true, force: true });
await build({ ...shared, entryPoints: [here('src/index.ts')], outfile: here('dist/rum.js'), minify: true, sourcemap: true });
await cp(here('demo'), here('dist/demo'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
await build({ ...shared, entryPoints: [here('demo/demo.ts')], outfile: here('dist/demo/demo.js') });
const bundle = await readFile(here('dist/rum.js'));
await writeFile(here('dist/.built'), '');
console.log(`dist/rum.js: ${bundle.length} bytes, ${gzipSync(bundle, { level: 9 }).length} gzipped`);
