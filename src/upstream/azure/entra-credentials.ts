/** Of an application that is registered with Entra and may use the resource. */
export interface EntraCredentials {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** `https://cognitiveservices.azure.com/.default`, but for sovereign clouds. */
  readonly scope: string;
  /** `https://login.microsoftonline.com`, but for sovereign clouds. */
  readonly authority: string;
}
