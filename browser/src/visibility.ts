import type { Collector } from './rum.js';

/** When the page is hidden and shown again; the value is how long (ms) it was what it no longer is. */
export const visibility = (): Collector => (rum) => {
  let since = performance.now();
  const tell = rum.safe(() => {
    const v = performance.now() - since;
    since += v;
    rum.note({ k: 'visibility', n: document.visibilityState, v });
  });
  addEventListener('visibilitychange', tell, true);
};
