import picomatch from 'picomatch';
import type { Asset } from './assets.js';
import type { Budget } from './budget.js';

/** What became of a budget: how many bytes of how many files it covers. */
export interface Verdict {
  readonly budget: Budget;
  readonly files: readonly string[];
  readonly bytes: number;
  readonly kept: boolean;
}

/** Every budget held against the files that it is about; one that covers no file is kept. */
export function judge(assets: readonly Asset[], budgets: readonly Budget[]): Verdict[] {
  return budgets.map((budget) => {
    const matches = picomatch([...budget.files]);
    const covered = assets.filter(({ name }) => matches(name));
    const bytes = covered.reduce((sum, one) => sum + one[budget.measure], 0);
    return { budget, files: covered.map(({ name }) => name), bytes, kept: bytes <= budget.max };
  });
}
