/** The core with web-vitals' attribution: which element, script or part of the time a value is due to. */
import { onCLS, onFCP, onINP, onLCP, onTTFB, type MetricWithAttribution } from 'web-vitals/attribution';
import type { MetricType } from 'web-vitals';
import { begin } from './api.js';
import type { Client } from './client.js';
import type { Options } from './options.js';
import { bare } from './scrub.js';
import { vitalsBy } from './vitals.js';
import { cut, type Attrs } from './wire.js';

/** The plain members of a metric's attribution; entries and other objects are left out, addresses shortened. */
export function attributesOf(metric: MetricType): Attrs {
  const told: Attrs = {};
  for (const [name, value] of Object.entries((metric as MetricWithAttribution).attribution)) {
    if (typeof value === 'number') told[name] = value;
    else if (typeof value === 'string') told[name] = /url$/i.test(name) ? bare(value) : cut(value);
  }
  return told;
}

/** Start to measure. */
export const init = (options: Options = {}): Client =>
  begin(options, vitalsBy([onTTFB, onFCP, onLCP, onCLS, onINP], attributesOf));

export { consent, flush, getMetrics, setRoute, setUser, track } from './api.js';
