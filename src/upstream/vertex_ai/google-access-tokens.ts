import { AccessTokens } from '../access-tokens.js';

/** What is used of `google-auth-library`. */
export interface GoogleLibrary {
  readonly GoogleAuth: new (options: { scopes: string[]; keyFilename?: string; credentials?: object }) => GoogleTokens;
}

interface GoogleTokens {
  /** Kept by the library for as long as it is good, and asked for again five minutes before that. */
  getAccessToken(): Promise<string | null | undefined>;
}

/**
 * Google's tokens, out of a service account, a federated identity or the machine itself. The library is loaded with the first call that needs it.
 * Calls at the same time wait for one answer; after a failure the next call asks anew.
 */
export class GoogleAccessTokens extends AccessTokens {
  private google: GoogleTokens | undefined;
  private asked: Promise<string> | undefined;

  /** `credentials`: the text of a credentials file, or its path; undefined: what the environment and the machine offer. */
  constructor(
    private readonly credentials: string | undefined,
    private readonly load: () => Promise<GoogleLibrary> = () => import('google-auth-library'),
  ) {
    super();
  }

  override authorization(): Promise<string> {
    this.asked ??= this.ask().finally(() => (this.asked = undefined));
    return this.asked;
  }

  private async ask(): Promise<string> {
    try {
      this.google ??= await this.open();
      const token = await this.google.getAccessToken();
      if (typeof token === 'string' && token !== '') return `Bearer ${token}`;
    } catch (error) {
      throw reason(error);
    }
    throw new Error('Google gave no access token.');
  }

  private async open(): Promise<GoogleTokens> {
    const { GoogleAuth } = await this.load();
    const text = this.credentials?.trim();
    if (text === undefined || text === '') return new GoogleAuth({ scopes: SCOPES });
    return new GoogleAuth(text.startsWith('{') ? { scopes: SCOPES, credentials: parsed(text) } : { scopes: SCOPES, keyFilename: text });
  }
}

const SCOPES = ['https://www.googleapis.com/auth/cloud-platform'];

/** What the parser says of a text repeats a part of it. */
function parsed(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new Error('The credentials are no JSON.');
  }
}

/** What went wrong, for the log, without what the library hangs on it: the request that it sent, with what was signed. */
function reason(error: unknown): Error {
  const message = error instanceof Error ? error.message : '';
  return new Error(`Google gave no access token: ${message.replaceAll(/[A-Za-z0-9_+/=.-]{60,}/g, '…').slice(0, 300)}`);
}
