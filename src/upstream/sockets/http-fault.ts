/** What an upstream sent is not HTTP, or not what it had announced. The message may be shown to a client and holds no byte of the reply. */
export class HttpFault extends Error {
  override readonly name = 'HttpFault';

  constructor(message = 'The upstream sent something that is not HTTP.') {
    super(message);
  }
}
