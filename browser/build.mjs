// Builds dist/: the script-tag builds with their versioned copies and hashes, the ES modules with types, the demo.
// Fails when a build is over its budget.
import { build } from 'esbuild';
import { minify } from 'terser';
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const here = (path) => new URL(path, import.meta.url).pathname;
const { version, exports } = JSON.parse(await readFile(here('package.json'), 'utf8'));
// ES2022 has class fields, which web-vitals uses: rewriting them would cost 100 bytes for browsers older than 2021.
const shared = { bundle: true, target: 'es2022', legalComments: 'none', logLevel: 'warning' };
/** Bytes after gzip. */
const BUDGETS = { 'rum.js': 6 * 1024, 'rum-all.js': 12 * 1024, 'every entry point': 12 * 1024 };

const entries = Object.values(exports).map(({ source }) => source);
const gzipped = (text) => gzipSync(text, { level: 9 }).length;
const failed = [];

function weigh(name, text) {
  const [bytes, most] = [gzipped(text), BUDGETS[name]];
  console.log(`${name}: ${text.length} bytes, ${bytes} gzipped, budget ${most}`);
  if (bytes > most) failed.push(name);
}

async function small(options) {
  const made = await build({ ...shared, format: 'iife', write: false, sourcemap: 'inline', outfile: 'out.js', ...options });
  const compress = { ecma: 2020, passes: 3, inline: 1, hoist_funs: true, keep_fargs: false, pure_getters: true, unsafe_arrows: true, unsafe_methods: true };
  return minify(made.outputFiles[0].text, { compress, mangle: true, toplevel: true, sourceMap: { content: 'inline' } });
}

for (const name of ['dist/esm', 'dist/types', 'dist/demo']) await rm(here(name), { recursive: true, force: true });
await mkdir(here('dist'), { recursive: true });

const scripts = { 'rum.js': 'src/rum.script.ts', 'rum-all.js': 'src/all.script.ts' };
const published = {};
for (const [name, source] of Object.entries(scripts)) {
  const { code, map } = await small({ entryPoints: [here(source)] });
  weigh(name, code);
  // Versioned copies stay from build to build: pages that name them must go on finding them.
  const folder = `v/${version}-${createHash('sha256').update(code).digest('hex').slice(0, 8)}`;
  await mkdir(here(`dist/${folder}`), { recursive: true });
  for (const place of ['dist', `dist/${folder}`]) {
    await writeFile(here(`${place}/${name}`), code);
    await writeFile(here(`${place}/${name}.gz`), gzipSync(code, { level: 9 }));
    await writeFile(here(`${place}/${name}.map`), map);
  }
  const integrity = `sha384-${createHash('sha384').update(code).digest('base64')}`;
  published[name] = { version, url: `/${folder}/${name}`, integrity };
  console.log(`  <script src="/${folder}/${name}" integrity="${integrity}" crossorigin="anonymous" defer></script>`);
}
await writeFile(here('dist/rum.json'), `${JSON.stringify(published, null, 2)}\n`);

// What a page pays that uses all of it; web-vitals once, with its attribution apart.
const every = entries.filter((source) => !source.includes('attribution')).map((source, n) => `export * as e${n} from '${source}';`);
const stdin = { contents: every.join('\n'), resolveDir: here('.') };
const together = await small({ stdin, entryPoints: undefined, external: ['react'], format: 'esm' });
weigh('every entry point', together.code);

await build({
  ...shared,
  entryPoints: entries.map(here),
  outdir: here('dist/esm'),
  format: 'esm',
  splitting: true,
  chunkNames: 'shared-[hash]',
  packages: 'external',
});
const tsc = here('node_modules/typescript/bin/tsc');
await promisify(execFile)(process.execPath, [tsc, '-p', here('tsconfig.types.json')]).catch(({ stdout }) => {
  throw new Error(stdout);
});

await build({
  ...shared,
  entryPoints: [here('tools/bundle.ts')],
  outfile: here('dist/tools/rumstream-bundle.mjs'),
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // picomatch is CommonJS and asks for node's own modules.
  banner: { js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
});
await chmod(here('dist/tools/rumstream-bundle.mjs'), 0o755);

await cp(here('demo'), here('dist/demo'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
await build({ ...shared, format: 'iife', entryPoints: [here('demo/demo.ts')], outfile: here('dist/demo/demo.js') });
if (failed.length) throw new Error(`over budget: ${failed.join(', ')}`);
await writeFile(here('dist/.built'), '');
