import { InterimHeads } from './interim-heads.js';

function read(text: string, sizes = text.length): string {
  const heads = new InterimHeads();
  heads.expectReply();
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += sizes) heads.read(bytes.subarray(at, at + sizes));
  return bytes.toString('latin1');
}

describe('the first bytes of a reply', () => {
  const REPLY = 'HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nHTTP/1.0';

  test.each([1, 3, 1_000])('are left as they came where nothing is wrong, in pieces of %d', (size) => {
    expect(read(REPLY, size)).toBe(REPLY);
  });

  test.each([1, 7, 1_000])('tell an unasked 100 as 102, and the reply after it as it came, in pieces of %d', (size) => {
    expect(read(`HTTP/1.1 100 Continue\r\na: b\r\n\r\nHTTP/1.1 100\r\n\r\n${REPLY}`, size)).toBe(
      `HTTP/1.1 102 Continue\r\na: b\r\n\r\nHTTP/1.1 102\r\n\r\n${REPLY}`,
    );
  });

  test.each(['200', '103', '100'])('cannot hold a status line without end (%s)', (status) => {
    const seen = read(`HTTP/1.1 ${status} ${'A'.repeat(100_000)}`, 65_536);
    expect(seen.indexOf('\rA')).toBeGreaterThan(1_000);
    expect(seen.indexOf('\rA')).toBeLessThan(1_100);
  });

  test('hold a long reason', () => {
    const reply = REPLY.replace('OK', 'x'.repeat(1_000));
    expect(read(reply)).toBe(reply);
  });
});
