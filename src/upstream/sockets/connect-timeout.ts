/** The time to connect was up. */
export class ConnectTimeout extends Error {
  override readonly name = 'ConnectTimeout';
  readonly code = 'ETIMEDOUT';

  constructor(
    /** What had not come by then: the name's address, the connection, or the end of the TLS handshake. */
    readonly reason: 'EAI_AGAIN' | 'ETIMEDOUT' | 'TLS_TIMEOUT',
  ) {
    super('not connected in time');
  }
}
