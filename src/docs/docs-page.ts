/** Files of the Swagger UI package that the page needs; nothing else of it is served. */
export const UI_ASSETS: readonly string[] = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-16x16.png', 'favicon-32x32.png'];

/** Nothing is fetched from, and nothing sent to, any other host; styles are set by scripts of the page. */
export const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** The page. `base` leads from its address to the folder of its files: `docs/` from `/docs`, nothing from `/docs/`. */
export function docsPage(base: 'docs/' | ''): string {
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Nexus Gateway API</title>
    <link rel="stylesheet" href="${base}swagger-ui.css">
    <link rel="icon" type="image/png" href="${base}favicon-32x32.png" sizes="32x32">
    <link rel="icon" type="image/png" href="${base}favicon-16x16.png" sizes="16x16">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${base}swagger-ui-bundle.js"></script>
    <script src="${base}start.js" data-document="${base === '' ? '../' : ''}docs-json"></script>
  </body>
</html>
`;
}

/** Starts the page: the document from here, no validator of somebody else's, no request that leaves this host. */
export const START_SCRIPT = `const { document: url } = document.currentScript.dataset;
window.addEventListener('load', () => {
  window.ui = SwaggerUIBundle({
    url: new URL(url, location.href).href,
    dom_id: '#swagger-ui',
    deepLinking: true,
    validatorUrl: null,
    queryConfigEnabled: false,
    persistAuthorization: false,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    presets: [SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
  });
});
`;
