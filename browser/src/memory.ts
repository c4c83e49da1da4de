import type { Collector, Rum } from './rum.js';
import { bare } from './scrub.js';

const MB = 1_048_576;

/** How memory is watched. */
export interface MemoryOptions {
  /** ms between two readings (30,000). */
  everyMs?: number;
  /** Share of the limit above which an alert is sent (0.9). */
  alertOver?: number;
}

/** Memory in use and its limit, in MB; the limit is unknown where the browser measures precisely. */
export interface Reading {
  readonly usedMB: number;
  readonly limitMB: number | undefined;
}

interface Measuring {
  readonly memory?: { readonly usedJSHeapSize: number; readonly jsHeapSizeLimit: number };
  measureUserAgentSpecificMemory?(): Promise<{ readonly bytes: number }>;
}

/** The page's memory; undefined where the browser does not tell. */
export async function readMemory(): Promise<Reading | undefined> {
  const measuring = performance as Measuring;
  const limitMB = measuring.memory && measuring.memory.jsHeapSizeLimit / MB;
  if (globalThis.crossOriginIsolated && measuring.measureUserAgentSpecificMemory) {
    const { bytes } = await measuring.measureUserAgentSpecificMemory();
    return { usedMB: bytes / MB, limitMB };
  }
  return measuring.memory && { usedMB: measuring.memory.usedJSHeapSize / MB, limitMB };
}

/** Read the memory at once and then every `everyMs`, note it, alert once each time it rises over the limit; stops. */
export function watchMemory(
  rum: Rum,
  { everyMs = 30_000, alertOver = 0.9 }: MemoryOptions,
  seen?: (reading: Reading) => void,
): () => void {
  let high = false;
  const alert = async ({ usedMB, limitMB }: Reading): Promise<void> => {
    const data = { usedMemoryMB: usedMB, limitMB, url: bare(location.href) };
    const body = JSON.stringify({ type: 'high_memory_usage', timestamp: Date.now(), data });
    const address = `${rum.endpoint.replace(/rum$/, 'alerts')}${rum.key ? `?key=${encodeURIComponent(rum.key)}` : ''}`;
    const answer = await fetch(address, { method: 'POST', body, keepalive: true, credentials: 'omit' });
    if (!answer.ok) throw new Error(String(answer.status));
  };
  const read = async (): Promise<void> => {
    const reading = await readMemory();
    if (!reading) return stop();
    const { usedMB, limitMB } = reading;
    rum.note({ k: 'memory', n: 'usedMemoryMB', v: usedMB, a: { limitMB } });
    seen?.(reading);
    const over = limitMB !== undefined && usedMB > limitMB * alertOver;
    if (over && !high && rum.kept()) await alert(reading);
    high = over;
  };
  const failed = rum.safe(() => rum.drop('memory_unread'));
  const tick = (): void => void (document.hidden || read().catch(failed));
  const timer = setInterval(tick, everyMs);
  const stop = (): void => clearInterval(timer);
  tick();
  return stop;
}

/** The page's memory every 30 s while it is shown, and an alert when it is over 90 % of its limit. */
export const memory =
  (options: MemoryOptions = {}): Collector =>
  (rum) =>
    void watchMemory(rum, options);
