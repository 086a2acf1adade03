const HEAD = `# HELP nexus_silent_workers Workers that did not answer this scrape: what they last counted is in it.
# TYPE nexus_silent_workers gauge
nexus_silent_workers`;

/** A scrape's last series. A process that serves alone has none of them, and says so: whoever asks finds it at any number of workers. */
export function withSilentWorkers(text: string, silent: number): string {
  return `${text.trimEnd()}\n${HEAD} ${silent}\n`;
}
