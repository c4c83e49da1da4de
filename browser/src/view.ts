import { cut, randomId, type View } from './wire.js';

/** An address without query and fragment: they may hold what nobody wants stored. */
export function bare(url: string): string {
  try {
    const { origin, pathname } = new URL(url, location.href);
    return cut(origin + pathname, 1024);
  } catch {
    return '';
  }
}

function navigationType(): string {
  const entry = performance.getEntriesByType('navigation')[0] as
    | (PerformanceNavigationTiming & { activationStart?: number })
    | undefined;
  if ((entry?.activationStart ?? 0) > 0) return 'prerender';
  if ((document as Document & { wasDiscarded?: boolean }).wasDiscarded) return 'restore';
  return (entry?.type ?? 'navigate').replace(/_/g, '-');
}

/** The page view of a page that was loaded. */
export function loadedView(route: string): View {
  return view(route, navigationType(), Math.round(performance.timeOrigin));
}

/** The page view of a page that came back whole from the back/forward cache at `now` (ms). */
export function restoredView(route: string, now: number): View {
  return view(route, 'back-forward-cache', now);
}

function view(route: string, navigation_type: string, started_at: number): View {
  return {
    view_id: randomId(),
    url: bare(location.href),
    ...(route && { route }),
    ...(document.referrer && { referrer: bare(document.referrer) }),
    navigation_type,
    started_at,
  };
}
