import { HandClock } from '../../../test/doubles/hand-clock.js';
import { ConnectTimeout } from './connect-timeout.js';
import { UnreachableNews } from './unreachable-news.js';

it('tells each reason of each upstream once a minute, by its word alone', () => {
  const clock = new HandClock();
  const told: string[] = [];
  const news = new UnreachableNews((...what) => told.push(what.join(' ')), clock);
  const error = (code: string): Error => Object.assign(new Error('connect to 10.0.0.1'), { code });
  for (let call = 0; call < 3; call++) news.tell('a', error('ECONNREFUSED'));
  news.tell('a', error('CERT_HAS_EXPIRED'));
  news.tell('b', new AggregateError([error('ENETUNREACH'), error('ETIMEDOUT')]));
  news.tell('b', new Error('the connection was closed'));
  news.tell('b', new ConnectTimeout('TLS_TIMEOUT'));
  expect(told).toEqual(['a ECONNREFUSED', 'a CERT_HAS_EXPIRED', 'b ENETUNREACH', 'b CLOSED', 'b TLS_TIMEOUT']);
  clock.advance(60_000);
  news.tell('a', error('ECONNREFUSED'));
  expect(told).toHaveLength(6);
});
