import { defineConfig } from 'vitest/config';

const here = (path: string): string => new URL(path, import.meta.url).pathname;
const react = (version: string, folder: string) => ({
  resolve: {
    alias: [
      { find: /^react$/, replacement: here(`${folder}/react/index.js`) },
      { find: /^react-dom\/client$/, replacement: here(`${folder}/react-dom/client.js`) },
    ],
  },
  define: { REACT: JSON.stringify(version) },
  test: { name: `react-${version}`, include: ['test/react.test.ts'], environment: 'jsdom' },
});

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/*.test.ts'], exclude: ['test/react.test.ts'], environment: 'jsdom' } },
      { test: { name: 'tools', include: ['test/tools/*.test.ts'], environment: 'node' } },
      react('18', 'test/react-18/node_modules'),
      react('19', 'node_modules'),
    ],
  },
});
