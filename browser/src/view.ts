import { bare } from './scrub.js';
import { randomHex, type View } from './wire.js';

/** How the browser came to this page, in web-vitals' words. */
export function navigationType(): string {
  const entry = performance.getEntriesByType('navigation')[0] as
    | (PerformanceNavigationTiming & { activationStart?: number })
    | undefined;
  if (entry?.activationStart) return 'prerender';
  if ((document as Document & { wasDiscarded?: boolean }).wasDiscarded) return 'restore';
  return (entry?.type ?? 'navigate').replace('_', '-');
}

/** A view of the page at its present address, begun at `started_at` (ms since the epoch). */
export const viewOf = (navigation_type: string, started_at: number, route?: string, referrer = document.referrer): View => ({
  view_id: randomHex(),
  url: bare(location.href),
  route,
  referrer: referrer && bare(referrer),
  navigation_type,
  started_at,
});
