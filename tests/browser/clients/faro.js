// Grafana Faro as its documentation installs it; `window.seen` is what it was about to send.
import { getWebInstrumentations, initializeFaro } from '@grafana/faro-web-sdk';
import { TracingInstrumentation } from '@grafana/faro-web-tracing';

window.seen = JSON.parse(sessionStorage.getItem('seen') ?? '[]');
window.faro = initializeFaro({
  url: window.TOLD.url,
  apiKey: 'a-key',
  app: { name: 'shop', version: '1.2.3', environment: 'staging' },
  user: { id: 'u-1', email: 'jane@shop.example', username: 'jane', fullName: 'Jane Doe' },
  instrumentations: [
    ...getWebInstrumentations({ captureConsole: true, enablePerformanceInstrumentation: true }),
    ...(window.TOLD.tracing ? [new TracingInstrumentation()] : []),
  ],
  trackResources: true,
  beforeSend: (item) => {
    window.seen.push(JSON.parse(JSON.stringify(item)));
    sessionStorage.setItem('seen', JSON.stringify(window.seen));
    return item;
  },
});

window.beat = () => window.faro.api.pushEvent('beat', {}, undefined, { skipDedupe: true });

document.getElementById('buy').onclick = () => {
  const end = performance.now() + 60;
  while (performance.now() < end);
  document.querySelector('h1').textContent = 'Bought';
};
