import type { Result } from './figures.js';

interface Launcher {
  launch(options: { chromePath?: string; chromeFlags: string[]; ignoreDefaultFlags: boolean }): Promise<{ port: number; kill(): void }>;
}

type Lighthouse = (url: string, flags: object) => Promise<{ lhr: Result; report: string } | undefined>;

/** One run: what Lighthouse found, and its own report as HTML. */
export interface Run {
  readonly result: Result;
  readonly html: string;
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const DESKTOP = {
  formFactor: 'desktop',
  screenEmulation: { mobile: false, width: 1350, height: 940, deviceScaleFactor: 1, disabled: false },
  throttling: { rttMs: 40, throughputKbps: 10_240, cpuSlowdownMultiplier: 1, requestLatencyMs: 0, downloadThroughputKbps: 0, uploadThroughputKbps: 0 },
};
/** As PageSpeed Insights names itself, and as collectors know a bot: what a RUM script on the page sends is no visitor's. */
export const MARK = ' Chrome-Lighthouse bot/1.0';
const AGENTS = { mobile: 'Linux; Android 11; moto g power (2022)', desktop: 'X11; Linux x86_64' };

/** A library that is not built in, so that only those who measure with it install it. */
async function installed<T>(name: string): Promise<T> {
  return import(name).then(
    (module: T) => module,
    (error: Error) => {
      throw new Error(`cannot load ${name} (npm install --save-dev lighthouse chrome-launcher): ${error.message}`);
    },
  );
}

/** Load a page once in a Chromium of its own, with a new profile, as Lighthouse does by default: on a phone, or else a desktop. */
export async function measure(url: string, desktop: boolean, chrome: string | undefined): Promise<Run> {
  const { launch } = await installed<Launcher>('chrome-launcher');
  const { default: lighthouse } = await installed<{ default: Lighthouse }>('lighthouse');
  const agent = `Mozilla/5.0 (${AGENTS[desktop ? 'desktop' : 'mobile']}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0${desktop ? '' : ' Mobile'} Safari/537.36${MARK}`;
  // Lighthouse takes its own away before it leaves the page, whose last beacons are sent then.
  const chromeFlags = [...FLAGS, `--user-agent=${agent}`];
  const browser = await launch({ ...(chrome ? { chromePath: chrome } : {}), chromeFlags, ignoreDefaultFlags: true });
  try {
    const flags = { port: browser.port, output: 'html', logLevel: 'error', onlyCategories: ['performance'], emulatedUserAgent: agent };
    const done = await lighthouse(url, { ...flags, ...(desktop ? DESKTOP : {}) });
    if (!done) throw new Error(`${url}: Lighthouse gave no result`);
    return { result: done.lhr, html: done.report };
  } finally {
    browser.kill();
  }
}
