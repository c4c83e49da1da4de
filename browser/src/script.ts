import type { Client } from './client.js';
import type { Options } from './options.js';

/** The options on a script tag: `<script src="/rum.js" data-key="…" data-sample-rate="0.5">`. */
export function optionsOf(script: HTMLScriptElement | null): Options {
  const data = { ...script?.dataset };
  // Numbers stay texts: the client counts with them all the same.
  return {
    endpoint: new URL('/api/v1/rum', script?.src || location.href).href,
    ...data,
    consent: data['consent'] !== 'await',
  } as Options;
}

/** Start by the script tag that is run; the page calls the rest on `window.rumstream`. */
export function start(init: (options: Options) => Client, more?: Options): void {
  const options = optionsOf(document.currentScript as HTMLScriptElement | null);
  Object.assign(window, { rumstream: init({ ...options, ...more }) });
}
