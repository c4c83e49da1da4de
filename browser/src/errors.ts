import { budgetOf, onTold } from './budget.js';
import type { Collector } from './rum.js';
import { bare, scrubText } from './scrub.js';
import { cut, type Attrs } from './wire.js';

/** Most errors that a page view tells; an error in a loop must not flood the collector. */
const PER_VIEW = 50;
const STACK_CHARS = 4_096;

/** Uncaught errors and unhandled rejections. One that repeats in a page view is told once, then counted as lost. */
export const errors = (): Collector => (rum) => {
  const room = budgetOf(rum, PER_VIEW, 'errors_per_view');
  const known = new Set<string>();
  onTold(rum, ({ k }) => {
    if (k === 'view') known.clear();
  });
  const tell = (thrown: unknown, message: string, more: Attrs): void => {
    const error = thrown instanceof Error ? thrown : undefined;
    const n = cut(error?.name ?? 'Error', 64);
    const stack = error?.stack && scrubText(error.stack, STACK_CHARS);
    const told = scrubText(error?.message ?? message);
    const print = [n, told, stack ?? '', more['source'], more['line'], more['column']].join();
    if (known.has(print)) return rum.drop('error_repeated');
    if (!room()) return;
    known.add(print);
    rum.note({ k: 'error', n, a: { ...more, message: told, stack } });
  };
  addEventListener(
    'error',
    rum.safe(({ error, message, filename, lineno: line, colno: column }: ErrorEvent) => {
      tell(error, message, filename ? { source: bare(filename), line, column } : {});
    }),
  );
  addEventListener(
    'unhandledrejection',
    rum.safe(({ reason }: PromiseRejectionEvent) => tell(reason, String(reason), { unhandled: true })),
  );
};
