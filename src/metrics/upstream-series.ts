import type { Endpoint } from '../contracts/endpoint.js';
import type { Outcome } from '../contracts/outcome.js';
import type { BucketedSeries } from './bucketed-series.js';
import type { MetricFamilies } from './metric-families.js';
import type { Series } from './series.js';
import { statusLabel } from './status-label.js';

/** What is counted of one upstream, each series looked up once and only when something happened. */
export class UpstreamSeries {
  private readonly requestsBy = new Map<Endpoint, Map<number, Series>>();
  private readonly attemptsBy = new Map<Outcome, Series>();
  private firstTokens: BucketedSeries | undefined;
  private gaps: BucketedSeries | undefined;
  private durations: BucketedSeries | undefined;
  private inputTokens: Series | undefined;
  private outputTokens: Series | undefined;

  constructor(
    readonly name: string,
    private readonly families: MetricFamilies,
  ) {}

  requests(endpoint: Endpoint, status: number): Series {
    let byStatus = this.requestsBy.get(endpoint);
    if (byStatus === undefined) this.requestsBy.set(endpoint, (byStatus = new Map()));
    let series = byStatus.get(status);
    if (series === undefined) {
      series = this.families.requests.series.at(endpoint, this.name, statusLabel(status));
      byStatus.set(status, series);
    }
    return series;
  }

  attempts(outcome: Outcome): Series {
    let series = this.attemptsBy.get(outcome);
    if (series === undefined) this.attemptsBy.set(outcome, (series = this.families.attempts.series.at(this.name, outcome)));
    return series;
  }

  get timeToFirstToken(): BucketedSeries {
    return (this.firstTokens ??= this.families.timeToFirstToken.series.at(this.name));
  }

  get interToken(): BucketedSeries {
    return (this.gaps ??= this.families.interToken.series.at(this.name));
  }

  get duration(): BucketedSeries {
    return (this.durations ??= this.families.upstreamDuration.series.at(this.name));
  }

  get input(): Series {
    return (this.inputTokens ??= this.families.tokens.series.at(this.name, 'input'));
  }

  get output(): Series {
    return (this.outputTokens ??= this.families.tokens.series.at(this.name, 'output'));
  }
}
