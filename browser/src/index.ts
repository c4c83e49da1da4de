/** The core of the browser SDK: sessions, page views and web vitals, sent as beacons. */
import { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals';
import { begin } from './api.js';
import type { Client } from './client.js';
import type { Options } from './options.js';
import { vitalsBy } from './vitals.js';

/** Start to measure. */
export const init = (options: Options = {}): Client => begin(options, vitalsBy([onTTFB, onFCP, onLCP, onCLS, onINP]));

export { consent, flush, getMetrics, setRoute, setUser, track } from './api.js';
export type { Client, MetricNow } from './client.js';
export type { Options } from './options.js';
export type { Collector, Dated, Measured, Rum, Told } from './rum.js';
export type { Attrs, Kind, RumEvent, View } from './wire.js';
