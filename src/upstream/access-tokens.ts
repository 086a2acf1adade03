/**
 * Whoever knows what a provider takes in place of a fixed key: a token that somebody else gives out for a while. It is asked each time a request
 * is about to leave, so that translation needs no socket and no clock, and keeps what it was given for as long as it is good.
 */
export abstract class AccessTokens {
  /** The value of the `authorization` header (`Bearer …`), at once or later. Throws or rejects when there is none; asked again, it tries again. */
  abstract authorization(): string | Promise<string>;
}
