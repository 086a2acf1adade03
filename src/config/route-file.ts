import { Setting } from './setting.js';
import { choice, fraction, items, text } from './setting-kind.js';

export class WeightedTargetFile {
  @Setting(text("an upstream's name", 'primary'), "An upstream's name.", { required: true })
  name: string;

  @Setting(fraction(0, 1_000_000, 90), 'Its share, beside the weights of the others. 0: a last resort.', { required: true })
  weight: number;
}

/** A share for each target. */
export class WeightedRouteFile {
  @Setting(choice('weighted'), 'The strategy.', { required: true })
  strategy: 'weighted';

  @Setting(
    items(
      WeightedTargetFile,
      'targets, each with name and weight',
      '[{"name":"primary","weight":90},{"name":"canary","weight":10}]',
      '[{ name: primary, weight: 90 }, { name: canary, weight: 10 }]',
    ),
    'Where calls may go.',
    { required: true },
  )
  targets: WeightedTargetFile[];
}

/** Most calls to one upstream, some to another. */
export class CanaryRouteFile {
  @Setting(choice('canary'), 'The strategy.', { required: true })
  strategy: 'canary';

  @Setting(text("an upstream's name", 'stable'), 'The upstream of most calls.', { required: true })
  primary: string;

  @Setting(text("an upstream's name", 'next'), 'The upstream that is being tried.', { required: true })
  canary: string;

  @Setting(fraction(0, 100, 5), 'Share of calls that go to the canary, 0 to 100.', { required: true })
  percent: number;
}
