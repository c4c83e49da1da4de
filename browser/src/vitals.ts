import { onCLS, onFCP, onINP, onLCP, onTTFB, type MetricType } from 'web-vitals';

/** Call back with each report of the five web vitals, measured by Google's `web-vitals` library. */
export function watchVitals(report: (metric: MetricType) => void): void {
  for (const on of [onTTFB, onFCP, onLCP, onCLS, onINP]) on(report);
}
