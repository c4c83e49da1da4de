import { act, createElement, version, type ReactElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { begin, flush } from '../src/api.js';
import { PerformanceProfiler, useMemoryMonitoring, usePerformanceTracking, type Tracking } from '../src/react.js';
import { events, freshPage, sent } from './lab.js';

declare const REACT: string;
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

freshPage();
let root: Root;
let now = 0;
const shown = (element: ReactElement): void => void act(() => root.render(element));
/** A component that renders for so long. */
const Slow = ({ ms }: { ms: number }): string => {
  now += ms;
  return `${ms} ms`;
};

beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  root = createRoot(document.createElement('div'));
  begin({}, () => undefined);
  flush();
  sent.length = 0;
});
afterEach(() => act(() => root.unmount()));
const rendered = () => {
  flush();
  return events('render').map(({ n, v, a }) => [n, v, a!['phase']]);
};

test('this is the React that is meant', () => expect(version.split('.')[0]).toBe(REACT));

test('a commit of just a frame is not told, a longer one is, with the beacon of everything else', () => {
  const profiled = (ms: number) => createElement(PerformanceProfiler, { id: 'Cart' }, createElement(Slow, { ms }));
  shown(profiled(16));
  shown(profiled(17));
  expect(sent.length).toBe(0);
  expect(rendered()).toEqual([['Cart', 17, 'update']]);
  shown(createElement(PerformanceProfiler, { id: 'List', slowMs: 5 }, createElement(Slow, { ms: 6 })));
  sent.length = 0;
  expect(rendered()).toEqual([['List', 6, expect.stringMatching(/mount|update/)]]);
});

test('a component tells how long it took to mount, and of what it measures', async () => {
  let tracking: Tracking | undefined;
  const Part = (): null => {
    tracking = usePerformanceTracking('Part');
    now += 30;
    return null;
  };
  shown(createElement(Part));
  expect(rendered()).toEqual([['Part', 30, 'mount']]);
  const given = tracking!.measure('sum', () => {
    now += 4;
    return 42;
  });
  const later = tracking!.measure('load', async () => {
    await Promise.resolve();
    now += 5;
    return 'rows';
  });
  expect([given, await later]).toEqual([42, 'rows']);
  const failure = new Error('of the page');
  expect(() => tracking!.measure('fails', () => { throw failure; })).toThrow(failure);
  await expect(tracking!.measure('rejects', () => Promise.reject(failure))).rejects.toBe(failure);
  flush();
  expect(events('custom').map(({ n, v, a }) => [n, v, a!['component']])).toEqual([
    ['sum', 4, 'Part'],
    ['load', 5, 'Part'],
    ['fails', 0, 'Part'],
    ['rejects', 0, 'Part'],
  ]);
});

test('memory is watched while the component is mounted', async () => {
  const memory = { usedJSHeapSize: 50 * 1_048_576, jsHeapSizeLimit: 100 * 1_048_576 };
  Object.defineProperty(performance, 'memory', { value: memory, configurable: true });
  let reading: unknown;
  const Watch = (): null => {
    reading = useMemoryMonitoring();
    return null;
  };
  await act(async () => root.render(createElement(Watch)));
  expect(reading).toEqual({ usedMB: 50, limitMB: 100 });
  await act(() => vi.advanceTimersByTimeAsync(30_000));
  act(() => root.render(null));
  await vi.advanceTimersByTimeAsync(60_000);
  flush();
  expect(events('memory').length).toBe(2);
});
