/** `rumstream-bundle`: what a build weighs, held against its budgets. */
import { stat, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { assetsOfFolder, assetsOfStats } from './assets.js';
import { budgetsOf, readBudgetFile } from './budget.js';
import { jsonOf, textOf } from './report.js';
import { treemapOf } from './treemap.js';
import { judge } from './verdict.js';

const USAGE = `rumstream-bundle <build folder or stats file> [--budget performance-budget.json] [--html treemap.html] [--json]

Prints the sizes of a build's files and holds them against budgets. The stats file is esbuild's metafile, webpack's
stats or rollup's output. Exit code: 0 every budget is kept, 1 one is not, 2 it could not be told.
`;

async function main(): Promise<number> {
  const options = { budget: { type: 'string' }, html: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [build, ...more] = positionals;
  if (values.help || !build || more.length) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 2;
  }
  const budgets = budgetsOf(values.budget ? await readBudgetFile(values.budget) : null, values.budget ?? '');
  const assets = await ((await stat(build)).isDirectory() ? assetsOfFolder(build) : assetsOfStats(build));
  if (!assets.length) throw new Error(`${build} holds no files`);
  const verdicts = judge(assets, budgets);
  if (values.html) await writeFile(values.html, treemapOf(assets));
  process.stdout.write(`${(values.json ? jsonOf : textOf)(assets, verdicts)}\n`);
  return verdicts.every(({ kept }) => kept) ? 0 : 1;
}

main().then(
  (code) => (process.exitCode = code),
  (error: Error) => {
    process.stderr.write(`rumstream-bundle: ${error.message}\n`);
    process.exitCode = 2;
  },
);
