/** What is used of it, until it is installed. */
declare module 'google-auth-library' {
  export class GoogleAuth {
    constructor(options: { scopes: string[]; keyFilename?: string; credentials?: object });
    getAccessToken(): Promise<string | null | undefined>;
  }
}
