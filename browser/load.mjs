// For tests: a source module as JavaScript.
import { build } from 'esbuild';

/** The exports of a TypeScript module, freshly evaluated. */
export async function load(path) {
  const made = await build({
    entryPoints: [new URL(path, import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'esm',
    footer: { js: `// ${Math.random()}` },
  });
  return import(`data:text/javascript;base64,${Buffer.from(made.outputFiles[0].contents).toString('base64')}`);
}
