import type { CollectorWatch, Signal } from './collector-watch.js';

interface Exporter<Items> {
  export(items: Items, done: (result: { readonly code: number }) => void): void;
}

/** Makes an exporter tell whether what it sent was taken. It stays what it is otherwise: its choice of temporality, for one. */
export function watchedExporter<Items, E extends Exporter<Items>>(exporter: E & Exporter<Items>, signal: Signal, watch: CollectorWatch): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) =>
    send(items, (result) => {
      watch.sent(signal, result.code === SUCCESS);
      done(result);
    });
  return exporter;
}

/** `ExportResultCode.SUCCESS`, which stands in a package of the SDK's own. */
const SUCCESS = 0;
