// OpenTelemetry's browser packages as their documentation installs them; `window.seen` is what went to the exporters.
import { metrics } from '@opentelemetry/api';
import { ErrorsInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/errors';
import { NavigationInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/navigation';
import { NavigationTimingInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/navigation-timing';
import { ResourceTimingInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/resource-timing';
import { UserActionInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/user-action';
import { WebVitalsInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/web-vitals';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { DocumentLoadInstrumentation } from '@opentelemetry/instrumentation-document-load';
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import { LongTaskInstrumentation } from '@opentelemetry/instrumentation-long-task';
import { UserInteractionInstrumentation } from '@opentelemetry/instrumentation-user-interaction';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import {
  createDefaultSessionIdGenerator,
  createLocalStorageSessionStore,
  createSessionLogRecordProcessor,
  createSessionManager,
  createSessionSpanProcessor,
} from '@opentelemetry/web-common';

const { collector, protobuf } = window.TOLD;
const [Traces, Logs, Metrics] = protobuf
  ? [ProtobufTraces, ProtobufLogs, ProtobufMetrics]
  : [JsonTraces, JsonLogs, JsonMetrics];

window.seen = JSON.parse(sessionStorage.getItem('seen') ?? '[]');
function watched(exporter, told) {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) => {
    window.seen.push(...told(items));
    sessionStorage.setItem('seen', JSON.stringify(window.seen));
    send(items, done);
  };
  return exporter;
}
const nanoseconds = ([s, ns]) => s * 1e9 + ns;
const span = (one) => ({
  signal: 'span',
  name: one.name,
  id: `${one.spanContext().traceId}:${one.spanContext().spanId}`,
  ms: nanoseconds(one.duration) / 1e6,
  attributes: one.attributes,
});
const record = (one) => ({ signal: 'log', name: one.eventName, attributes: one.attributes });
const metric = (one) => ({ signal: 'metric', name: one.descriptor.name, points: one.dataPoints.map((p) => p.value) });

// The packages tell the page of some things only; this tells it of all (docs/collector.md).
const onPage = (one) => one.setAttribute('page.url', location.href);

const sessions = createSessionManager({
  sessionIdGenerator: createDefaultSessionIdGenerator(),
  sessionStore: createLocalStorageSessionStore(),
});
start(sessions);

async function start(manager) {
  await manager.start();
  window.session = manager.getSessionId();
  const resource = resourceFromAttributes({
    'service.name': 'shop',
    'service.version': '1.2.3',
    'deployment.environment.name': 'staging',
    'user.id': 'u-1',
    'user.email': 'jane@shop.example',
  });
  const traces = new WebTracerProvider({
    resource,
    spanProcessors: [
      createSessionSpanProcessor(manager),
      { onStart: onPage, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} },
      new BatchSpanProcessor(watched(new Traces({ url: `${collector}/v1/traces` }), (all) => all.map(span)), {
        scheduledDelayMillis: 300,
      }),
    ],
  });
  traces.register();
  const logs = new LoggerProvider({
    resource,
    processors: [
      createSessionLogRecordProcessor(manager),
      { onEmit: onPage, forceFlush: async () => {}, shutdown: async () => {} },
      new BatchLogRecordProcessor({
        exporter: watched(new Logs({ url: `${collector}/v1/logs` }), (all) => all.map(record)),
        scheduledDelayMillis: 300,
      }),
    ],
  });
  const meters = new MeterProvider({
    resource: resourceFromAttributes({ 'session.id': window.session, 'service.version': '1.2.3' }),
    readers: [
      new PeriodicExportingMetricReader({
        exporter: watched(new Metrics({ url: `${collector}/v1/metrics` }), (all) =>
          all.scopeMetrics.flatMap((scope) => scope.metrics.map(metric)),
        ),
        exportIntervalMillis: 60_000,
      }),
    ],
  });
  metrics.setGlobalMeterProvider(meters);
  const events = [
    new WebVitalsInstrumentation(),
    new ErrorsInstrumentation(),
    new NavigationTimingInstrumentation(),
    new ResourceTimingInstrumentation(),
    new UserActionInstrumentation(),
    new NavigationInstrumentation(),
  ];
  for (const one of events) one.setLoggerProvider(logs);
  registerInstrumentations({
    tracerProvider: traces,
    loggerProvider: logs,
    instrumentations: [
      ...events,
      new DocumentLoadInstrumentation(),
      new FetchInstrumentation({ ignoreUrls: [collector] }),
      new UserInteractionInstrumentation(),
      new LongTaskInstrumentation(),
    ],
  });
  window.beat = () => traces.getTracer('shop').startSpan('beat').end();
  const meter = metrics.getMeter('shop');
  window.shop = {
    flush: () => Promise.all([traces.forceFlush(), logs.forceFlush(), meters.forceFlush()]),
    counter: meter.createCounter('cart.items'),
    lcp: meter.createGauge('web_vital.lcp', { unit: 's' }),
    sizes: meter.createHistogram('cart.bytes', { unit: 'By' }),
  };
}

document.getElementById('buy').addEventListener('click', () => {
  const end = performance.now() + 80;
  while (performance.now() < end);
});
