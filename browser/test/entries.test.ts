// @vitest-environment node
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import manifest from '../package.json';

const root = new URL('..', import.meta.url).pathname;
const exports: Record<string, { source: string }> = manifest.exports;
const bundled = async (contents: string): Promise<string> => {
  const made = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    format: 'esm',
    external: ['react'],
    logLevel: 'silent',
  });
  return made.outputFiles[0]!.text;
};
/** A word that only this part of the SDK has. */
const MARKS: Record<string, string> = {
  vitals: 'largest-contentful-paint',
  errors: 'error_repeated',
  requests: 'traceparent',
  interactions: 'data-testid',
  longtasks: 'long-animation-frame',
  memory: 'high_memory_usage',
  gtag: 'page_transition',
};

test('what a page does not import it does not carry', async () => {
  for (const [name, mark] of Object.entries(MARKS)) {
    if (name === 'vitals') continue;
    const text = await bundled(`export { ${name} } from '${exports[`./${name}`]!.source}'`);
    for (const [other, strange] of Object.entries(MARKS)) expect(text.includes(strange), `${other} in ${name}`).toBe(other === name);
    expect(text).toContain(mark);
  }
  const core = await bundled(`export * from '${manifest.exports['.'].source}'`);
  for (const [other, strange] of Object.entries(MARKS)) expect(core.includes(strange), `${other} in the core`).toBe(other === 'vitals');
});

test('an import alone does nothing', async () => {
  for (const { source } of Object.values(exports)) {
    expect((await bundled(`import '${source}'`)).replace(/\/\/.*\n/g, '').trim()).toBe('');
  }
});

test('entry points share one client', async () => {
  const text = await bundled(`export { init } from '${manifest.exports['.'].source}'; export { useMemoryMonitoring } from '${manifest.exports['./react'].source}'`);
  expect(text.match(/(var|let) client;/g)).toHaveLength(1);
});
