/** What is used of it, until it is installed. */
declare module '@aws-sdk/credential-provider-node' {
  export function defaultProvider(options: {
    profile?: string;
  }): () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiration?: Date }>;
}
