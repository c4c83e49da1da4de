import { createElement, Profiler, useCallback, useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { running } from './api.js';
import { watchMemory, type MemoryOptions, type Reading } from './memory.js';

/** A commit at 60 frames a second has this long. */
const FRAME_MS = 16;

/** What is profiled. */
export interface PerformanceProfilerProps {
  /** Name of the profiled part. */
  id: string;
  /** Commits that rendered for longer than this are told (16 ms). */
  slowMs?: number;
  children?: ReactNode;
}

/**
 * Tells of slow commits below it; they travel with the beacon's other events. React calls profilers in development
 * and in its profiling build (`react-dom/profiling`) only.
 */
export function PerformanceProfiler({ id, slowMs = FRAME_MS, children }: PerformanceProfilerProps): ReactElement {
  const onRender = useCallback(
    (name: string, phase: string, duration: number, base: number) => {
      if (duration > slowMs) running()?.note({ k: 'render', n: name, v: duration, a: { phase, base } });
    },
    [slowMs],
  );
  return createElement(Profiler, { id, onRender }, children);
}

/** What `usePerformanceTracking` gives. */
export interface Tracking {
  /** Note an event of this component. */
  track(type: string, data?: Record<string, unknown>): void;
  /** Run something, note how long it (or the promise it returns) took, and give back what it gave. */
  measure<T>(type: string, work: () => T): T;
}

/** Tells how long the component took from its first render to its mount, and gives it ways to tell of more. */
export function usePerformanceTracking(component: string): Tracking {
  const begun = useRef(0);
  begun.current ||= performance.now();
  useEffect(() => {
    const v = performance.now() - begun.current;
    running()?.note({ k: 'render', n: component, v, a: { phase: 'mount' } });
  }, [component]);
  const track = useCallback<Tracking['track']>(
    (type, data) => running()?.track(type, { component, ...data }),
    [component],
  );
  const measure = useCallback(
    <T>(type: string, work: () => T): T => {
      const start = performance.now();
      const done = (): void => track(type, { duration: performance.now() - start });
      let made: T;
      try {
        made = work();
      } catch (error) {
        done();
        throw error;
      }
      if (!(made instanceof Promise)) {
        done();
        return made;
      }
      // The caller gets the promise that goes on from its own, so that a rejection nobody handles is still told of.
      return made.finally(done) as T;
    },
    [track],
  );
  return { track, measure };
}

/** The page's memory while the component is mounted, read every 30 s; over 90 % of its limit an alert is sent. */
export function useMemoryMonitoring({ everyMs = 30_000, alertOver = 0.9 }: MemoryOptions = {}): Reading | undefined {
  const [reading, setReading] = useState<Reading>();
  useEffect(() => {
    const rum = running();
    return rum && watchMemory(rum, { everyMs, alertOver }, setReading);
  }, [everyMs, alertOver]);
  return reading;
}
