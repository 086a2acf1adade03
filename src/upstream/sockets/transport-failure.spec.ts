import { transportFailure } from './transport-failure.js';

const failed = (code: string): Error => Object.assign(new Error('no'), { code });

it.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])('%s is a lack of the gateway’s own, at one address or at several', (code) => {
  for (const error of [failed(code), new AggregateError([failed('ECONNREFUSED'), failed(code)])])
    expect(transportFailure(error, 'nothing', 500)).toMatchObject({ kind: 'unreachable', details: { isOurs: true } });
});

it.each(['ECONNREFUSED', 'ECONNRESET', 'ENETUNREACH', 'CERT_HAS_EXPIRED', 'ETIMEDOUT'])('%s is none', (code) => {
  expect(transportFailure(failed(code), 'nothing', 500).details.isOurs).toBeUndefined();
});
