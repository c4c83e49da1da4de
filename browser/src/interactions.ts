import { budgetOf } from './budget.js';
import type { Collector } from './rum.js';
import { scrub } from './scrub.js';

/** Most interactions that a page view tells. */
const PER_VIEW = 200;
/** Keys in one element are one interaction for so long, scrolling too. */
const QUIET_MS = 1_000;
const STEPS = 3;

/** Made by a framework or a counter, so that it names nothing the next time. */
const GENERATED = /\d{3}|[:.]|^(radix|react|headlessui|ember|mui)-?/i;

function step(element: Element): string {
  const tag = element.localName;
  const told = element.getAttribute('data-testid') ?? element.getAttribute('name');
  if (element.id && !GENERATED.test(element.id)) return `#${element.id}`;
  if (told && !GENERATED.test(told)) return `${tag}[${told}]`;
  const known = [...element.classList].find((name) => !GENERATED.test(name) && name.length < 24);
  return known ? `${tag}.${known}` : tag;
}

/** A short selector that stays the same from visit to visit: up to the next id, three steps at most. Never text. */
export function selectorOf(target: EventTarget | null): string {
  const steps: string[] = [];
  let element = target instanceof Element ? target : null;
  while (element && steps.length < STEPS && element !== document.documentElement) {
    steps.unshift(step(element));
    if (steps[0]!.startsWith('#')) break;
    element = element.parentElement;
  }
  return scrub(steps.join('>') || 'document', 128);
}

/** Clicks, keys and scrolling. The value is the time to the next paint; never what was typed, nor which key. */
export const interactions = (): Collector => (rum) => {
  const room = budgetOf(rum, PER_VIEW, 'interactions_per_view');
  const waiting = new Set<() => void>();
  let [lastKey, lastKeyAt, scrolledAt] = ['', -QUIET_MS, -QUIET_MS];

  const tell = (event: Event, n: string, more: { depth?: number } = {}): void => {
    if (!room()) return;
    const view = rum.view();
    const t = Math.round(performance.timeOrigin + event.timeStamp);
    const a = { target: selectorOf(event.target), ...more };
    const painted = rum.safe(() => {
      if (waiting.delete(painted)) rum.note({ k: 'action', n, v: performance.now() - event.timeStamp, t, a }, view);
    });
    waiting.add(painted);
    requestAnimationFrame(() => setTimeout(painted));
  };
  const listen = (type: string, fn: (event: Event) => void): void =>
    addEventListener(type, rum.safe(fn), { capture: true, passive: true });

  listen('click', (event) => tell(event, 'click'));
  listen('keydown', (event) => {
    const target = selectorOf(event.target);
    if (target === lastKey && event.timeStamp - lastKeyAt < QUIET_MS) return;
    [lastKey, lastKeyAt] = [target, event.timeStamp];
    tell(event, 'keydown');
  });
  listen('scroll', (event) => {
    if (event.timeStamp - scrolledAt < QUIET_MS) return;
    scrolledAt = event.timeStamp;
    const { scrollHeight } = document.documentElement;
    tell(event, 'scroll', { depth: Math.round(((scrollY + innerHeight) / scrollHeight) * 100) });
  });
  // A page that is left does not paint again.
  const leave = (): void => {
    for (const painted of waiting) painted();
  };
  listen('visibilitychange', leave);
  listen('pagehide', leave);
};
