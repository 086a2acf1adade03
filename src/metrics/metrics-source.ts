/** Where the text of a scrape comes from: one process alone, or all workers summed. */
export abstract class MetricsSource {
  abstract readonly contentType: string;
  /** Never rejects: what cannot be gathered is left out. */
  abstract text(): Promise<string>;
}
