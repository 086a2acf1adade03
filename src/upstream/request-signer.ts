/**
 * Whoever signs a request as a whole, for providers that want a signature in place of a key. It is asked when the request is about to leave,
 * and knows the time, so that translation needs no clock.
 */
export abstract class RequestSigner {
  /**
   * The headers of a POST with its signature among them: at once where the credentials are known, else later. Throws or rejects when there are
   * none; asked again, it tries again. `address`: the whole of it, encoded as it is sent.
   */
  abstract sign(address: string, headers: Readonly<Record<string, string>>, body: Buffer): SignedHeaders | Promise<SignedHeaders>;
}

export type SignedHeaders = Readonly<Record<string, string>>;
