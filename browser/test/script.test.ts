import { expect, test } from 'vitest';
import { attributesOf } from '../src/attribution.js';
import { optionsOf } from '../src/script.js';
import { freshPage, sent, started } from './lab.js';

freshPage();

function tag(attributes: string): HTMLScriptElement {
  document.body.innerHTML = `<script src="https://rum.example/rum.js" type="text/none" ${attributes}></script>`;
  return document.querySelector('script')!;
}

test('a script tag says it all', () => {
  const script = tag('data-key="k" data-route="/home" data-release="r" data-environment="e" data-sample-rate="0.5" data-user-id="u"');
  expect(optionsOf(script)).toEqual({
    endpoint: 'https://rum.example/api/v1/rum',
    key: 'k',
    route: '/home',
    release: 'r',
    environment: 'e',
    sampleRate: '0.5',
    userId: 'u',
    consent: true,
  });
  expect(optionsOf(tag('data-endpoint="/x" data-consent="await"'))).toEqual({ endpoint: '/x', consent: false });
  expect(optionsOf(null)).toEqual({ endpoint: 'http://localhost:3000/api/v1/rum', consent: true });
});

test('numbers of a script tag are texts, and count as numbers', () => {
  const rum = started({ ...optionsOf(tag('data-sample-rate="1" data-flush-events="3"')) });
  rum.flush();
  expect(sent[0]!.sample_rate).toBe(1);
});

test('of an attribution the plain members are kept, addresses without their queries', () => {
  const attribution = {
    target: 'html>body',
    url: 'https://shop.example/a.png?token=secret',
    loadState: 'complete',
    timeToFirstByte: 12.5,
    lcpEntry: {},
    longest: undefined,
  };
  expect(attributesOf({ attribution } as never)).toEqual({
    target: 'html>body',
    url: 'https://shop.example/a.png',
    loadState: 'complete',
    timeToFirstByte: 12.5,
  });
});
