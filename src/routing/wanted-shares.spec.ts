import { settingsFrom } from '../../test/doubles/settings-from.js';
import { wantedShares } from './wanted-shares.js';

it('weights and percentages become parts of 1; a last resort is wanted for nothing', () => {
  const { routing } = settingsFrom({
    GATEWAY_UPSTREAMS: 'a=mock://local;b=mock://local;c=mock://local',
    GATEWAY_ROUTE_POLICIES: JSON.stringify({
      even: {
        strategy: 'weighted',
        targets: [
          { name: 'a', weight: 3 },
          { name: 'b', weight: 1 },
          { name: 'c', weight: 0 },
        ],
      },
      trial: { strategy: 'canary', primary: 'a', canary: 'b', percent: 5 },
    }),
  });
  const shares = wantedShares(routing.routes);
  expect([...(shares.get('even') ?? [])]).toEqual([
    ['a', 0.75],
    ['b', 0.25],
    ['c', 0],
  ]);
  expect([...(shares.get('trial') ?? [])]).toEqual([
    ['a', 0.95],
    ['b', 0.05],
  ]);
});
