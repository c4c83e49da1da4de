import { onTold } from './budget.js';
import type { Collector } from './rum.js';

/** Google's tag. */
export type Gtag = (command: 'event', name: string, parameters: Record<string, string | number>) => void;

/**
 * Tells Google Analytics of the web vitals and of route transitions; by `window.gtag` unless another one is given.
 * CLS is sent times 1,000, since values are whole numbers there.
 */
export const gtag =
  (send?: Gtag): Collector =>
  (rum) => {
    const known = new Map<string, number>();
    onTold(rum, ({ k, n, v = 0, id = '', view }) => {
      const to = send ?? (globalThis as { gtag?: Gtag }).gtag;
      if (k === 'vital') {
        to?.('event', n, {
          value: Math.round(n === 'CLS' ? v * 1_000 : v),
          metric_id: id,
          metric_value: v,
          metric_delta: v - (known.get(id) ?? 0),
        });
        known.set(id, v);
      } else if (k === 'navigation' && n === 'route') {
        const page_path = new URL(view.url).pathname;
        to?.('event', 'page_transition', { event_category: 'Navigation', value: Math.round(v), page_path });
      }
    });
  };
