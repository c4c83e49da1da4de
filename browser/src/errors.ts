import { cut, type Attr } from './wire.js';
import { bare } from './view.js';

/** Most errors a page reports; an error in a loop must not flood the collector. */
const ERRORS_PER_PAGE = 50;

type Report = (name: string, attrs: Record<string, Attr>) => void;

/** Call back with each uncaught error and each unhandled rejection. `over` is called for each beyond the limit. */
export function watchErrors(report: Report, over: () => void): void {
  let seen = 0;
  const tell = (thrown: unknown, attrs: Record<string, Attr>): void => {
    seen += 1;
    if (seen > ERRORS_PER_PAGE) return over();
    const error = thrown instanceof Error ? thrown : undefined;
    report(cut(error?.name ?? 'Error', 64), {
      ...attrs,
      message: cut(error?.message ?? attrs['message'] ?? thrown),
      ...(error?.stack && { stack: cut(error.stack, 2048) }),
    });
  };
  addEventListener('error', (event) => {
    tell(event.error, {
      message: event.message,
      ...(event.filename && { source: bare(event.filename), line: event.lineno, column: event.colno }),
    });
  });
  addEventListener('unhandledrejection', (event) => tell(event.reason, { unhandled: true }));
}
