import { signedCallId, splitCallId } from './signed-call-id.js';

it('a signature comes back with the id of its call', () => {
  const signature = Buffer.from(Array.from({ length: 90 }, (_one, index) => (index * 37) % 256)).toString('base64');
  expect(splitCallId(signedCallId('call_1', signature))).toEqual({ id: 'call_1', signature });
  expect(splitCallId(signedCallId('call_1', undefined))).toEqual({ id: 'call_1', signature: undefined });
});

it("also from an id that LiteLLM wrote, with the provider's own letters", () => {
  const signature = Buffer.from([0x0a, 0xf1, 0x80, 0x00, 0xff, 0x12, 0x90, 0xe3, 0x05]).toString('base64');
  expect(splitCallId(`call_1__thought__${signature}`)).toEqual({ id: 'call_1', signature });
});
