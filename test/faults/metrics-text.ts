/** A scrape, to be asked. */
export class MetricsText {
  private readonly values = new Map<string, number>();

  constructor(readonly text: string) {
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const at = line.lastIndexOf(' ');
      this.values.set(line.slice(0, at), Number(line.slice(at + 1)));
    }
  }

  /** The sum over all series of this name that carry these labels. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    let sum = 0;
    for (const [series, value] of this.values)
      if ((series === name || series.startsWith(`${name}{`)) && wanted.every((label) => series.includes(label))) sum += value;
    return sum;
  }

  /** Series whose labels a client could have made up: those of configured upstreams and the buckets of one histogram are not counted. */
  countOfSeries(upstreams: ReadonlySet<string>): number {
    let count = 0;
    for (const series of this.values.keys()) {
      if (/_bucket\{/.test(series)) continue;
      const names = [...series.matchAll(/(?:upstream|from|to|route|target)="([^"]*)"/g)].map(([, name = '']) => name);
      if (names.length === 0 || !names.every((name) => upstreams.has(name) || name === 'none')) count++;
    }
    return count;
  }
}
