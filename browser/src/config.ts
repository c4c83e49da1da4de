import { cut } from './wire.js';

/** What the page says on the script tag: `<script src="/rum.js" data-key="…" data-route="/product/:id">`. */
export interface Config {
  /** Where beacons go; by default `/api/v1/rum` of the host that served the script. */
  readonly endpoint: string;
  /** The site's key; empty for the collector's default site. */
  readonly key: string;
  /** Name of the page's route; empty: the collector makes it from the path. */
  readonly route: string;
  readonly release: string;
  readonly environment: string;
  /** Share of sessions that are measured, in (0, 1]. */
  readonly sampleRate: number;
}

/** The configuration of a script tag. A sample rate that is not in (0, 1] is taken as 1. */
export function configOf(script: HTMLScriptElement | null): Config {
  const data = script?.dataset ?? {};
  const rate = Number(data['sampleRate'] ?? 1);
  return {
    endpoint: data['endpoint'] ?? new URL('/api/v1/rum', script?.src || location.href).href,
    key: cut(data['key'] ?? ''),
    route: cut(data['route'] ?? ''),
    release: cut(data['release'] ?? ''),
    environment: cut(data['environment'] ?? ''),
    sampleRate: rate > 0 && rate <= 1 ? rate : 1,
  };
}
